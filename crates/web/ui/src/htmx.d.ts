// The page uses htmx by its attributes only.
declare module "htmx.org";
