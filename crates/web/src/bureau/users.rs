//! Accounts, for the administrator, who sees no case data (workflow.md 2, R19).

use crate::{
    Cx, PageResult, View,
    bureau::{authorise, nav},
    desk::nav::NavGroup,
    view::place,
};
use askama::Template;
use tuodi_access::{Act, accounts};

pub struct AccountLine {
    pub id: String,
    pub name: String,
    pub role: String,
    pub role_id: &'static str,
    pub place: String,
    pub demo: bool,
}

#[derive(Template)]
#[template(path = "bureau/users.html")]
struct UsersPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    lines: Vec<AccountLine>,
}

pub async fn page(cx: Cx) -> PageResult {
    let acting = authorise(&cx, Act::ManageAccounts, "account")?;
    let mut all = accounts::list(&cx.state.store, &acting.actor.region).await?;
    // A citizen's account says that this person asked for help: only staff are listed.
    all.retain(|a| !a.role.is_citizen());
    all.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
    let line = |a: accounts::Account| AccountLine {
        name: a.name,
        role: a.role.title(cx.lang).to_owned(),
        role_id: a.role.id(),
        place: place(&cx.state.pack, &a.region, cx.lang),
        demo: a.demo,
        id: a.id,
    };
    cx.page(&UsersPage { v: &cx, nav: nav(&cx), lines: all.into_iter().map(line).collect() })
}
