//! HTTP Cookie Manager.

use crate::elements::roles::Config;
use crate::elements::{Definition, Role};
use crate::http::{Exchange, Url};
use crate::text::Text;
use crate::virtual_user::VirtualUser;
use std::any::Any;

pub(super) const COOKIE_MANAGER: Definition =
    Definition { tag: "CookieManager", menu: "HTTP Cookie Manager", compile: |_| Some(Role::config(CookieManager)) };

/// A user's cookies.
pub struct CookieManager;

impl CookieManager {
    /// The `Cookie` header for an address.
    pub fn header(&self, _: &mut VirtualUser, _: &Url) -> Option<Text> {
        None
    }
    /// Stores what came.
    pub fn received(&self, _: &mut VirtualUser, _: &Url, _: &Exchange) {}
}

impl Config for CookieManager {
    fn as_any(&self) -> &dyn Any {
        self
    }
}
