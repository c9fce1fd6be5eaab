//! One request: who, when, in which language, and how to answer.

use crate::{AppState, Door, View, WebError, door, view::Who};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Request},
    http::{StatusCode, header, request::Parts},
    middleware::Next,
    response::{Html, IntoResponse, Redirect, Response},
};
use std::{ops::Deref, sync::Arc};
use tower_sessions::Session;
use tuodi_access::Actor;
use tuodi_casework::Channel;

pub type PageResult = Result<Response, WebError>;

/// Made by `guard::frame` for every request; handlers take it as an argument. It reads like the [`View`] it holds.
#[derive(Clone)]
pub struct Cx {
    pub state: AppState,
    pub who: Option<Actor>,
    pub session: Session,
    pub view: Arc<View>,
}

impl Deref for Cx {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}

impl Cx {
    pub fn actor(&self) -> Result<&Actor, WebError> {
        self.who.as_ref().ok_or(WebError::SignIn)
    }

    /// The context that the rooms' acts take. The channel is the door's.
    pub fn acting(&self, channel: Channel) -> Result<tuodi_casework::Cx, WebError> {
        Ok(tuodi_casework::Cx {
            store: self.state.store.clone(),
            access: self.state.access.clone(),
            pack: self.state.pack.clone(),
            actor: self.actor()?.clone(),
            channel,
            now: self.view.now,
        })
    }

    pub fn page(&self, template: &impl Template) -> PageResult {
        self.page_as(StatusCode::OK, template)
    }

    /// The form again with everything typed and its errors.
    pub fn form_again(&self, template: &impl Template) -> PageResult {
        self.page_as(StatusCode::UNPROCESSABLE_ENTITY, template)
    }

    pub fn page_as(&self, status: StatusCode, template: &impl Template) -> PageResult {
        let html = template.render().map_err(WebError::fault)?;
        Ok((status, Html(html)).into_response())
    }

    /// After a POST: load the next page with GET.
    pub fn go(&self, address: impl AsRef<str>) -> PageResult {
        Ok(Redirect::to(address.as_ref()).into_response())
    }

    /// A file to keep, under a name of ASCII characters.
    pub fn file(&self, name: &str, kind: &'static str, body: Vec<u8>) -> PageResult {
        let disposition = format!("attachment; filename=\"{name}\"");
        Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], body)
            .into_response())
    }

    /// The signed-in person as pages show them.
    pub(crate) fn who_for_pages(state: &AppState, actor: &Actor, lang: tuodi_pack::Lang) -> Who {
        Who {
            name: actor.name.clone(),
            role: actor.role.title(lang).to_owned(),
            place: crate::view::place(&state.pack, &actor.region, lang),
            door: *Door::of(actor.role).first().unwrap_or(&Door::Citizen),
            doors: Door::of(actor.role),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Cx {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Cx, WebError> {
        parts.extensions.get::<Cx>().cloned().ok_or(WebError::NotFound)
    }
}

macro_rules! doorkeepers {
    ($($name:ident => $door:ident),+ $(,)?) => {
        $(#[doc = concat!("Middleware of the door: `.route_layer(from_fn(cx::", stringify!($name), "))`.")]
        pub async fn $name(request: Request, next: Next) -> Response {
            door::enter(Door::$door, request, next).await
        })+
    };
}

doorkeepers!(citizen_door => Citizen, field_door => Field, desk_door => Desk, bureau_door => Bureau);
