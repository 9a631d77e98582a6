//! Tables. What may not be in them is moved in front of them.

use super::{Frame, Mode, Parsed};
use crate::tidy::Tidy;
use crate::tidy::tags::{BLOCK, HEAD, HTML, INLINE, ROW, ROWGRP, TABLE, Tag};
use crate::tidy::tree::NodeId;

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Table {
    element: NodeId,
    inlines_base: usize,
    /// Whether something was read just now that was moved in front.
    exiles: bool,
}

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Rows {
    element: NodeId,
    exiles: bool,
}

#[derive(Clone, Copy)]
pub(in crate::tidy) struct Row {
    element: NodeId,
    exiles: bool,
    /// Whether a cell was read just now, and whether blocks were excluded around it.
    cell: Option<bool>,
}

impl Rows {
    pub fn new(element: NodeId) -> Self {
        Rows { element, exiles: false }
    }
}

impl Row {
    pub fn new(element: NodeId) -> Self {
        Row { element, exiles: false, cell: None }
    }
}

impl Tidy<'_> {
    pub fn begin_table(&mut self, element: NodeId) -> Parsed {
        self.insert = None;
        self.inode = None;
        let inlines_base = self.inlines_base;
        self.inlines_base = self.inlines.len();
        self.open(Frame::Table(Table { element, inlines_base, exiles: false }))
    }

    /// Goes on behind what was moved in front of a table.
    fn back_from_exile(&mut self, exiles: &mut bool) {
        if std::mem::take(exiles) {
            self.exiled = false;
        }
    }

    /// Reads what was moved in front of a table.
    fn exile(&mut self, frame: Frame, node: NodeId) -> Parsed {
        self.exiled = true;
        self.descend(frame, node, Mode::IgnoreWhitespace)
    }

    pub fn table(&mut self, mut frame: Table) -> Parsed {
        let table = frame.element;
        self.back_from_exile(&mut frame.exiles);
        while let Some(mut node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, table) {
                self.inlines_base = frame.inlines_base;
                self.trim_empty(table);
                return Ok(());
            }
            if self.appends_misc(table, node) {
                continue;
            }
            if self.tag(node).is_none() && !self.is_text(node) {
                self.discard(table, node);
                continue;
            }
            if self.is_end(node) {
                if self.tag(node) == Some(Tag::Form) || self.is(node, BLOCK | INLINE) {
                    self.bad_form();
                    self.discard(table, node);
                    continue;
                }
                if self.is(node, TABLE | ROW) {
                    self.discard(table, node);
                    continue;
                }
                if self.is_of_ancestor(node, table) {
                    self.missing_end_before(table, node);
                    self.unget_token();
                    self.inlines_base = frame.inlines_base;
                    self.trim_empty(table);
                    return Ok(());
                }
            } else if matches!(self.tag(node), Some(Tag::Td | Tag::Th | Tag::Table)) {
                self.unget_token();
                node = self.missing_start(table, Tag::Tr);
            } else if self.is_text(node) || self.is(node, BLOCK | INLINE) {
                self.tree.insert_before(table, node);
                self.not_allowed(table, node);
                if !self.is_text(node) {
                    frame.exiles = true;
                    return self.exile(Frame::Table(frame), node);
                }
                self.exiled = false;
                continue;
            } else if self.is(node, HEAD) {
                return self.move_to_head(Frame::Table(frame), table, node);
            }
            if !self.is(node, TABLE) {
                self.unget_token();
                self.not_allowed(table, node);
                self.inlines_base = frame.inlines_base;
                self.trim_empty(table);
                return Ok(());
            }
            if self.begins(node) {
                self.tree.append(table, node);
                return self.descend(Frame::Table(frame), node, Mode::IgnoreWhitespace);
            }
            self.discard(table, node);
        }
        self.missing_end(table);
        self.trim_empty(table);
        self.inlines_base = frame.inlines_base;
        Ok(())
    }

    pub fn column_group(&mut self, group: NodeId) -> Parsed {
        while let Some(node) = self.next_token(Mode::IgnoreWhitespace)? {
            if self.ends(node, group) {
                return Ok(());
            }
            if self.is_end(node) {
                if self.tag(node) == Some(Tag::Form) {
                    self.bad_form();
                    self.discard(group, node);
                    continue;
                }
                if self.is_of_ancestor(node, group) {
                    self.unget_token();
                    return Ok(());
                }
            }
            if self.is_text(node) {
                self.unget_token();
                return Ok(());
            }
            if self.appends_misc(group, node) {
                continue;
            }
            if self.tag(node).is_none() {
                self.discard(group, node);
                continue;
            }
            if self.tag(node) != Some(Tag::Col) {
                self.unget_token();
                return Ok(());
            }
            if self.is_end(node) {
                self.discard(group, node);
                continue;
            }
            self.tree.append(group, node);
            return self.descend(Frame::ColumnGroup(group), node, Mode::IgnoreWhitespace);
        }
        Ok(())
    }

    pub fn row_group(&mut self, mut frame: Rows) -> Parsed {
        let group = frame.element;
        self.back_from_exile(&mut frame.exiles);
        while let Some(mut node) = self.next_token(Mode::IgnoreWhitespace)? {
            let tag = self.tag(node);
            if tag == self.tag(group) {
                if self.is_end(node) {
                    self.trim_empty(group);
                } else {
                    self.unget_token();
                }
                return Ok(());
            }
            if tag == Some(Tag::Table) && self.is_end(node) {
                self.unget_token();
                self.trim_empty(group);
                return Ok(());
            }
            if self.appends_misc(group, node) {
                continue;
            }
            if tag.is_none() && !self.is_text(node) {
                self.discard(group, node);
                continue;
            }
            if self.is_end(node) {
                if tag == Some(Tag::Form) || self.is(node, BLOCK | INLINE) {
                    if tag == Some(Tag::Form) {
                        self.bad_form();
                    }
                    self.discard(group, node);
                    continue;
                }
                if matches!(tag, Some(Tag::Tr | Tag::Td | Tag::Th)) {
                    self.discard(group, node);
                    continue;
                }
                if self.is_of_ancestor(node, group) {
                    self.unget_token();
                    self.trim_empty(group);
                    return Ok(());
                }
            } else if matches!(tag, Some(Tag::Td | Tag::Th)) {
                self.unget_token();
                node = self.missing_start(group, Tag::Tr);
            } else if self.is_text(node) || self.is(node, BLOCK | INLINE) {
                self.tree.insert_before_table(group, node);
                self.not_allowed(group, node);
                if !self.is_text(node) {
                    frame.exiles = true;
                    return self.exile(Frame::RowGroup(frame), node);
                }
                self.exiled = false;
                continue;
            } else if self.is(node, HEAD) {
                self.not_allowed(group, node);
                return self.move_to_head(Frame::RowGroup(frame), group, node);
            }
            if self.is(node, ROWGRP) {
                if !self.is_end(node) {
                    self.unget_token();
                }
                self.trim_empty(group);
                return Ok(());
            }
            if self.is_end(node) {
                self.discard(group, node);
                continue;
            }
            if self.tag(node) != Some(Tag::Tr) {
                node = self.missing_start(group, Tag::Tr);
                self.unget_token();
            }
            self.tree.append(group, node);
            return self.descend(Frame::RowGroup(frame), node, Mode::IgnoreWhitespace);
        }
        self.trim_empty(group);
        Ok(())
    }

    /// A row without a cell gets one.
    fn fix_empty_row(&mut self, row: NodeId) {
        if self.tree[row].first.is_none() {
            let cell = self.inferred(Tag::Td);
            self.tree.append(row, cell);
            self.warn(Some(row), Some(cell), crate::tidy::report::Warning::MissingStartTag);
        }
    }

    pub fn row(&mut self, mut frame: Row) -> Parsed {
        let row = frame.element;
        self.back_from_exile(&mut frame.exiles);
        if let Some(excluded) = frame.cell.take() {
            self.exclude_blocks = excluded;
            self.pop_context_inlines();
        }
        while let Some(mut node) = self.next_token(Mode::IgnoreWhitespace)? {
            let tag = self.tag(node);
            if tag == self.tag(row) {
                if !self.is_end(node) {
                    self.unget_token();
                }
                self.fix_empty_row(row);
                return Ok(());
            }
            if self.is_end(node) {
                let is_of_table = self.is(node, HTML | TABLE) || tag == Some(Tag::Table);
                if is_of_table && self.is_of_ancestor(node, row) {
                    self.unget_token();
                    return Ok(());
                }
                if tag == Some(Tag::Form) || self.is(node, BLOCK | INLINE) {
                    if tag == Some(Tag::Form) {
                        self.bad_form();
                    }
                    self.discard(row, node);
                    continue;
                }
                if matches!(tag, Some(Tag::Td | Tag::Th)) {
                    self.discard(row, node);
                    continue;
                }
                if self.is_of_ancestor(node, row) {
                    self.unget_token();
                    self.trim_empty(row);
                    return Ok(());
                }
            }
            if self.appends_misc(row, node) {
                continue;
            }
            if (tag.is_none() && !self.is_text(node)) || tag == Some(Tag::Table) {
                self.discard(row, node);
                continue;
            }
            if self.is(node, ROWGRP) {
                self.unget_token();
                self.trim_empty(row);
                return Ok(());
            }
            if self.is_end(node) {
                self.discard(row, node);
                continue;
            }
            if tag == Some(Tag::Form) {
                self.unget_token();
                node = self.missing_start(row, Tag::Td);
            } else if self.is_text(node) || self.is(node, BLOCK | INLINE) {
                self.tree.insert_before_table(row, node);
                self.not_allowed(row, node);
                if !self.is_text(node) {
                    frame.exiles = true;
                    return self.exile(Frame::Row(frame), node);
                }
                self.exiled = false;
                continue;
            } else if self.is(node, HEAD) {
                self.not_allowed(row, node);
                return self.move_to_head(Frame::Row(frame), row, node);
            }
            if !matches!(self.tag(node), Some(Tag::Td | Tag::Th)) {
                self.not_allowed(row, node);
                continue;
            }
            self.tree.append(row, node);
            frame.cell = Some(self.exclude_blocks);
            self.exclude_blocks = false;
            return self.descend(Frame::Row(frame), node, Mode::IgnoreWhitespace);
        }
        self.trim_empty(row);
        Ok(())
    }
}
