//! Accounts, for the administrator, who sees no case data (workflow.md 2, R19).

use crate::{
    Cx, PageResult, View,
    bureau::{authorise, nav},
    desk::nav::NavGroup,
    form::{Choice, Fields},
    view::place,
};
use askama::Template;
use axum::{Form, extract::Query};
use tuodi_access::{Act, Role, accounts};

pub struct AccountLine {
    pub id: String,
    pub name: String,
    pub role: String,
    pub role_id: &'static str,
    pub place: String,
    pub demo: bool,
    /// Of a department officer: the departments, with the one it belongs to.
    pub departments: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "bureau/users.html")]
struct UsersPage<'a> {
    v: &'a View,
    nav: Vec<NavGroup>,
    lines: Vec<AccountLine>,
    done: bool,
}

pub async fn page(cx: Cx, Query(asked): Query<Fields>) -> PageResult {
    let acting = authorise(&cx, Act::ManageAccounts, "account")?;
    let mut all = accounts::list(&cx.state.store, &acting.actor.region).await?;
    // A citizen's account says that this person asked for help: only staff are listed.
    all.retain(|a| !a.role.is_citizen());
    all.sort_by(|a, b| (a.role, &a.id).cmp(&(b.role, &b.id)));
    let seats = tuodi_casework::matters::seats(&acting).await?;
    let departments = |a: &accounts::Account| -> Vec<Choice> {
        if a.role != Role::DepartmentOfficer {
            return Vec::new();
        }
        let own = seats.get(&a.id).map_or("", String::as_str);
        let choice = |value: &str, label: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            hint: String::new(),
            chosen: value == own,
        };
        let all = cx.state.pack.services.departments.iter().map(|d| choice(&d.id, cx.text(&d.title)));
        std::iter::once(choice("", cx.t("matters.seat.none"))).chain(all).collect()
    };
    let line = |a: accounts::Account| AccountLine {
        departments: departments(&a),
        name: a.name,
        role: a.role.title(cx.lang).to_owned(),
        role_id: a.role.id(),
        place: place(&cx.state.pack, &a.region, cx.lang),
        demo: a.demo,
        id: a.id,
    };
    cx.page(&UsersPage {
        v: &cx,
        nav: nav(&cx),
        lines: all.into_iter().map(line).collect(),
        done: asked.contains_key("done"),
    })
}

/// Which department an account belongs to.
pub async fn seat(cx: Cx, Form(typed): Form<Fields>) -> PageResult {
    let acting = authorise(&cx, Act::ManageAccounts, "account")?;
    let text = |name: &str| typed.get(name).map_or("", |t| t.trim());
    tuodi_casework::matters::seat(&acting, text("account"), text("department")).await?;
    cx.go("/bureau/admin/users?done=seat")
}
