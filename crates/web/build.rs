//! Builds the pages' styles, scripts and icons with npm and puts them into the binary.
//!
//! The source tree is never written to: `ui/` is copied into `OUT_DIR` and built there. `TUODI_UI_DIST=/folder` takes
//! assets built elsewhere, for machines without Node.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

const NEEDED: &str = "building the pages needs Node 20 or newer with npm (Debian: apt-get install nodejs npm), \
                      or TUODI_UI_DIST pointing at a folder that holds a finished build of crates/web/ui";

fn main() {
    let source = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("ui");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-env-changed=TUODI_UI_DIST");
    for path in ["build.mjs", "icons.txt", "package.json", "package-lock.json", "src"] {
        println!("cargo:rerun-if-changed=ui/{path}");
    }
    let dist = match env::var_os("TUODI_UI_DIST") {
        Some(folder) => PathBuf::from(folder),
        None => bundle(&source, &out.join("ui")),
    };
    let text = fs::read_to_string(dist.join("manifest.json"))
        .unwrap_or_else(|e| panic!("{}: {e}; {NEEDED}", dist.join("manifest.json").display()));
    fs::write(out.join("assets.rs"), table(&dist, &text)).expect("OUT_DIR is writable");
}

/// Copies, installs what the lock file names (once), bundles; gives the folder of the result.
fn bundle(source: &Path, work: &Path) -> PathBuf {
    let lock = fs::read(source.join("package-lock.json")).expect("ui/package-lock.json is there");
    let stamp = work.join("installed.lock");
    fs::create_dir_all(work).expect("OUT_DIR is writable");
    let _ = fs::remove_dir_all(work.join("src"));
    copy(&source.join("src"), &work.join("src"));
    for file in ["build.mjs", "icons.txt", "package.json", "package-lock.json"] {
        fs::copy(source.join(file), work.join(file)).expect("ui files can be copied");
    }
    if fs::read(&stamp).ok().as_ref() != Some(&lock) {
        run(work, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
        fs::write(&stamp, &lock).expect("OUT_DIR is writable");
    }
    run(work, "node", &["build.mjs"]);
    work.join("dist")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("OUT_DIR is writable");
    for entry in fs::read_dir(from).expect("ui/src can be read").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("ui files can be copied");
        }
    }
}

fn run(dir: &Path, program: &str, args: &[&str]) {
    match Command::new(program).args(args).current_dir(dir).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => panic!(
            "{program} {} failed:\n{}{}",
            args.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
        Err(e) => panic!("{program} cannot be started ({e}); {NEEDED}"),
    }
}

/// `manifest.json` is our own flat list of `{name, file, type}`: three strings an entry, read without a JSON library.
fn table(dist: &Path, manifest: &str) -> String {
    let words: Vec<&str> = manifest.split('"').skip(1).step_by(2).collect();
    let mut rust = String::from("pub static ASSETS: &[Asset] = &[\n");
    for entry in words.chunks(6) {
        let &[_, name, _, file, _, kind] = entry else { panic!("manifest.json is not a list of name, file, type") };
        let path = dist.join(file).display().to_string();
        rust.push_str(&format!(
            "Asset {{ name: {name:?}, path: {url:?}, kind: {kind:?}, plain: include_bytes!({path:?}), \
             gzip: include_bytes!({gz:?}), brotli: include_bytes!({br:?}) }},\n",
            url = format!("/assets/{file}"),
            gz = format!("{path}.gz"),
            br = format!("{path}.br"),
        ));
    }
    rust.push_str("];\n");
    rust
}
