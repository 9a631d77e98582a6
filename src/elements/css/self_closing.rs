//! HTML as jsoup and Jodd read it: `<i/>` is a whole element, where HTML5 takes it for a start tag.

use html5ever::TokenizerResult;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use scraper::{Html, HtmlTreeSink};

/// Parses a document.
pub(super) fn parse(text: &str) -> Html {
    let tree = TreeBuilder::new(HtmlTreeSink::new(Html::new_document()), TreeBuilderOpts::default());
    let tokenizer = Tokenizer::new(Closing(tree), TokenizerOpts::default());
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(text));
    while !matches!(tokenizer.feed(&input), TokenizerResult::Done) {}
    tokenizer.end();
    tokenizer.sink.0.sink.finish()
}

/// Puts an end tag behind each start tag that closes itself.
struct Closing<S>(S);

/// Elements that are left as they are: those that never have content, and those that jsoup does not close either.
const LEFT: &str = " area base basefont bgsound body br col embed form frame head hr html image img input keygen link math meta \
    param source svg track wbr ";

impl<S: TokenSink> TokenSink for Closing<S> {
    type Handle = S::Handle;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<S::Handle> {
        let end = match &token {
            Token::TagToken(tag)
                if tag.self_closing
                    && tag.kind == TagKind::StartTag
                    && !self.0.adjusted_current_node_present_but_not_in_html_namespace()
                    && !LEFT.contains(&format!(" {} ", tag.name)) =>
            {
                let (kind, name) = (TagKind::EndTag, tag.name.clone());
                Tag { kind, name, self_closing: false, attrs: Vec::new(), had_duplicate_attributes: false }
            }
            _ => return self.0.process_token(token, line),
        };
        // Whatever the start tag asks of the tokenizer does not come about.
        let _ = self.0.process_token(token, line);
        let _ = self.0.process_token(Token::TagToken(end), line);
        TokenSinkResult::Continue
    }

    fn end(&self) {
        self.0.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.0.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
