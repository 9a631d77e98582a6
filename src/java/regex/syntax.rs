//! The tree of a Perl 5 pattern, as ORO understands it.

/// One piece of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    /// Matches the empty text.
    Empty,
    /// Matches nothing at all.
    Never,
    /// Characters in a row; lower-cased already where the pattern ignores case.
    Literal(Vec<char>),
    /// `.`, which takes a line feed only under `(?s)`.
    Any { line_feed: bool },
    /// `\d`, `[…]` and the like.
    Class(Class),
    /// `\A`, and `^` outside multi-line mode.
    TextStart,
    /// `^` in multi-line mode: also after a line feed that is not the last character.
    LineStart,
    /// `$` and `\Z`: at the end, or before a final line feed.
    End,
    /// `$` in multi-line mode: also before any line feed.
    LineEnd,
    /// The very end, which is all that an empty literal of ORO matches.
    VeryEnd,
    /// `\b`.
    Boundary,
    /// `\B`.
    NotBoundary,
    /// `\1`.
    BackReference(usize),
    /// `(…)` with its number, `(?:…)` without.
    Group(Option<usize>, Box<Node>),
    /// `(?=…)`, or `(?!…)` when negative.
    LookAhead { negative: bool, node: Box<Node> },
    /// One after the other.
    Concat(Vec<Node>),
    /// The first that fits.
    Alternate(Vec<Node>),
    /// From `min` to `max` (or any number of) times.
    Repeat { node: Box<Node>, min: u32, max: Option<u32>, lazy: bool },
}

/// A set of characters. ORO tries the items in turn and each negated one turns the meaning of those after it around,
/// so their order matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Class {
    pub(super) negative: bool,
    pub(super) items: Vec<ClassItem>,
}

/// One entry of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClassItem {
    Range(char, char),
    Set(Set),
    /// `[:^name:]`, and every `\d` after one in the same class.
    NotSet(Set),
}

/// The named sets, over Java's character categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// Letters, digits and the underscore.
    Word,
    NotWord,
    /// `Character.isWhitespace`.
    Space,
    NotSpace,
    /// `Character.isDigit`.
    Digit,
    NotDigit,
    Alpha,
    /// `Character.isSpaceChar`: the separators of Unicode, so neither tab nor line feed.
    Blank,
    Control,
    Graph,
    Lower,
    Print,
    Punctuation,
    Upper,
    HexDigit,
    Alphanumeric,
    Ascii,
}

impl Set {
    /// The set of `[:name:]`.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
            "alpha" => Self::Alpha,
            "word" => Self::Word,
            "alnum" => Self::Alphanumeric,
            "ascii" => Self::Ascii,
            "cntrl" => Self::Control,
            "digit" => Self::Digit,
            "graph" => Self::Graph,
            "lower" => Self::Lower,
            "print" => Self::Print,
            "punct" => Self::Punctuation,
            "space" => Self::Space,
            "upper" => Self::Upper,
            "xdigit" => Self::HexDigit,
            "blank" => Self::Blank,
            _ => return None,
        })
    }

    /// The set of `\w` and its kin.
    pub(super) fn of_escape(letter: char) -> Option<Self> {
        Some(match letter {
            'w' => Self::Word,
            'W' => Self::NotWord,
            's' => Self::Space,
            'S' => Self::NotSpace,
            'd' => Self::Digit,
            'D' => Self::NotDigit,
            _ => return None,
        })
    }

    /// ORO's code for the set. It is a character to ORO too, and as such takes part in range checks.
    pub(super) const fn code(self) -> char {
        match self {
            Self::Word => '\u{12}',
            Self::NotWord => '\u{13}',
            Self::Space => '\u{16}',
            Self::NotSpace => '\u{17}',
            Self::Digit => '\u{18}',
            Self::NotDigit => '\u{19}',
            Self::Alpha => '&',
            Self::Blank => '\'',
            Self::Control => '(',
            Self::Graph => ')',
            Self::Lower => '*',
            Self::Print => '+',
            Self::Punctuation => ',',
            Self::Upper => '-',
            Self::HexDigit => '.',
            Self::Alphanumeric => '2',
            Self::Ascii => '3',
        }
    }
}

impl Node {
    /// Whether it only looks and takes no characters.
    pub(super) fn takes_nothing(&self) -> bool {
        match self {
            Self::Never | Self::Any { .. } | Self::Class(_) | Self::BackReference(_) => false,
            Self::Literal(chars) => chars.is_empty(),
            Self::Group(_, node) => node.takes_nothing(),
            Self::Concat(nodes) | Self::Alternate(nodes) => nodes.iter().all(Self::takes_nothing),
            Self::Repeat { node, max, .. } => *max == Some(0) || node.takes_nothing(),
            _ => true,
        }
    }

    /// The length in characters below which nothing can match.
    pub(super) fn min_len(&self) -> usize {
        match self {
            Self::Never => usize::MAX,
            Self::Literal(chars) => chars.len(),
            Self::Any { .. } | Self::Class(_) => 1,
            Self::Group(_, node) => node.min_len(),
            Self::Concat(nodes) => nodes.iter().fold(0, |sum, node| sum.saturating_add(node.min_len())),
            Self::Alternate(nodes) => nodes.iter().map(Self::min_len).min().unwrap_or(0),
            Self::Repeat { node, min, .. } => node.min_len().saturating_mul(*min as usize),
            _ => 0,
        }
    }
}
