//! A compiled path: what Jayway calls `CompiledPath` and its tokens.

use super::filter::Expression;

/// One step of a path.
#[derive(Debug, Clone)]
pub(super) enum Token {
    /// `.name`, `['name']` or `['a','b']`; the quotation mark is shown in error texts.
    Property { names: Vec<String>, quote: char },
    /// `*` or `[*]`
    Wildcard,
    /// `..`
    Scan,
    /// `[0]` or `[0,2]`
    Index(Vec<i32>),
    /// `[1:3]`, `[1:]` or `[:3]`
    Slice(Option<i32>, Option<i32>),
    /// `[?(…)]`
    Filter(Box<Expression>),
    /// `.length()`
    Function { name: String, parameters: Vec<Parameter> },
}

/// An argument of a path function.
#[derive(Debug, Clone)]
pub(super) enum Parameter {
    /// The text of a JSON value.
    Json(String),
    /// A path into the document.
    Path(Path),
}

/// A whole path.
#[derive(Debug, Clone)]
pub(super) struct Path {
    /// `$` or `@`.
    pub(super) root: char,
    pub(super) tokens: Vec<Token>,
    /// It begins with `$`, so that filters look from the top of the document.
    pub(super) is_root: bool,
    /// It ends with a function.
    pub(super) is_function: bool,
    /// Its first token is a function that was moved here from behind a deep scan, and still counts as behind it.
    after_scan: bool,
}

impl Path {
    pub(super) fn new(root: char, tokens: Vec<Token>) -> Self {
        let is_function = matches!(tokens.last(), Some(Token::Function { .. }));
        let mut path = Self { root, tokens, is_root: root == '$', is_function, after_scan: false };
        if is_function && matches!(path.tokens.first(), Some(Token::Scan)) {
            path.put_function_first();
        }
        path
    }

    /// A deep scan that ends in a function becomes that function of the scan, so that it sees all hits at once.
    fn put_function_first(&mut self) {
        let Some(at) = self.tokens.iter().position(|token| matches!(token, Token::Function { .. })) else { return };
        let mut rest = self.tokens.split_off(at);
        let tokens = std::mem::take(&mut self.tokens);
        let scan = Self { root: self.root, tokens, is_root: true, is_function: false, after_scan: false };
        if let Some(Token::Function { parameters, .. }) = rest.first_mut() {
            *parameters = vec![Parameter::Path(scan)];
        }
        self.root = '$';
        self.tokens = rest;
        self.after_scan = true;
    }

    /// Whether the token at `at` selects one thing at most.
    pub(super) fn is_token_definite(&self, at: usize) -> bool {
        match &self.tokens[at] {
            Token::Property { names, .. } => names.len() == 1 || self.is_leaf(at),
            Token::Index(indexes) => indexes.len() == 1,
            Token::Function { .. } => true,
            Token::Wildcard | Token::Scan | Token::Slice(..) | Token::Filter(_) => false,
        }
    }

    /// Whether all tokens before `at` select one thing at most.
    pub(super) fn is_upstream_definite(&self, at: usize) -> bool {
        !self.after_scan && (0..at).all(|at| self.is_token_definite(at))
    }

    /// Whether the path has one result at most.
    pub(super) fn is_definite(&self) -> bool {
        (0..self.tokens.len()).all(|at| self.is_token_definite(at))
    }

    pub(super) fn is_leaf(&self, at: usize) -> bool {
        at + 1 == self.tokens.len()
    }

    /// The path from a token on as Jayway prints it.
    pub(super) fn text_from(&self, at: usize) -> String {
        self.tokens[at.min(self.tokens.len())..].iter().map(Token::text).collect()
    }

    /// The path as Jayway prints it.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.root, self.text_from(0))
    }
}

impl Token {
    /// Jayway's `getPathFragment`.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Property { names, quote } => {
                let quoted: Vec<String> = names.iter().map(|name| format!("{quote}{name}{quote}")).collect();
                format!("[{}]", quoted.join(","))
            }
            Self::Wildcard => "[*]".to_owned(),
            Self::Scan => "..".to_owned(),
            Self::Index(indexes) => {
                let texts: Vec<String> = indexes.iter().map(i32::to_string).collect();
                format!("[{}]", texts.join(","))
            }
            Self::Slice(from, to) => {
                let text = |bound: &Option<i32>| bound.map(|bound| bound.to_string()).unwrap_or_default();
                format!("[{}:{}]", text(from), text(to))
            }
            Self::Filter(_) => "[?]".to_owned(),
            Self::Function { name, parameters } if parameters.is_empty() => format!(".{name}()"),
            Self::Function { name, .. } => format!(".{name}(...)"),
        }
    }
}
