//! stub
use crate::text::Text;
#[derive(Clone)]
pub struct Properties;
#[derive(Clone)]
pub struct SystemProperties;
impl Properties {
    pub fn get(&self, _: &str) -> Option<Text> {
        None
    }
    pub fn sorted(&self) -> Vec<(Text, Text)> {
        vec![]
    }
}
impl SystemProperties {
    pub fn get(&self, _: &str) -> Option<Text> {
        None
    }
    pub fn sorted(&self) -> Vec<(Text, Text)> {
        vec![]
    }
}
