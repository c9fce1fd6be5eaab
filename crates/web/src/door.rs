//! The doors: who comes in by which, and where a person who signs in begins.

use crate::{Cx, WebError};
use axum::{
    extract::Request,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tuodi_access::Role;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    Citizen,
    Field,
    Desk,
    Bureau,
}

impl Door {
    pub fn path(self) -> &'static str {
        match self {
            Door::Citizen => "/citizen",
            Door::Field => "/field",
            Door::Desk => "/desk",
            Door::Bureau => "/bureau",
        }
    }

    /// Last word of the key of its name: `common.door.desk`.
    pub fn id(self) -> &'static str {
        match self {
            Door::Citizen => "citizen",
            Door::Field => "field",
            Door::Desk => "desk",
            Door::Bureau => "bureau",
        }
    }

    /// The doors a role may use (ui/brief.md 2), the first being where it begins.
    pub fn of(role: Role) -> &'static [Door] {
        match role.id() {
            "R01" | "R02" => &[Door::Citizen],
            "R03" | "R11" | "R12" | "R13" => &[Door::Field],
            "R04" => &[Door::Field, Door::Desk],
            "R05" | "R06" => &[Door::Desk, Door::Field],
            "R07" | "R08" => &[Door::Desk, Door::Bureau],
            "R09" | "R15" => &[Door::Desk],
            "R16" | "R17" | "R18" | "R19" => &[Door::Bureau],
            _ => &[],
        }
    }

    pub fn home(role: Role) -> &'static str {
        Door::of(role).first().map_or("/", |door| door.path())
    }
}

/// Lets in who may use the door: others sign in first or are told who may. What they may do behind it, the rooms decide.
pub async fn enter(door: Door, request: Request, next: Next) -> Response {
    let Some(cx) = request.extensions().get::<Cx>().cloned() else {
        return WebError::NotFound.into_response();
    };
    match &cx.who {
        None => WebError::SignIn.into_response(),
        Some(who) if Door::of(who.role).contains(&door) => next.run(request).await,
        Some(_) => WebError::WrongDoor { door }.into_response(),
    }
}
