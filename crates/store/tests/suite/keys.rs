use tuodi_store::{Keys, StoreError};
use tuodi_testing::test_keys;

#[test]
fn what_is_sealed_opens_again_and_never_looks_the_same_twice() {
    let keys = test_keys();
    let once = keys.seal("person.name", "欧阳一川");
    let twice = keys.seal("person.name", "欧阳一川");
    assert_ne!(once, twice);
    assert_eq!(keys.open("person.name", &once).unwrap(), "欧阳一川");
    assert_eq!(keys.open("person.name", &twice).unwrap(), "欧阳一川");
}

#[test]
fn a_value_moved_to_another_column_does_not_open() {
    let keys = test_keys();
    let sealed = keys.seal("person.name", "张");
    assert!(
        matches!(keys.open("person.phone", &sealed), Err(StoreError::Sealed { column }) if column == "person.phone")
    );
}

#[test]
fn a_changed_or_cut_value_does_not_open() {
    let keys = test_keys();
    let sealed = keys.seal("person.name", "张一");
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(keys.open("person.name", &changed).is_err(), "byte {at}");
        assert!(keys.open("person.name", &sealed[..at]).is_err(), "cut at {at}");
    }
}

#[test]
fn another_installation_cannot_open_it() {
    let sealed = test_keys().seal("person.name", "张一");
    assert!(Keys::generate().open("person.name", &sealed).is_err());
}

#[test]
fn look_ups_agree_within_a_column_only() {
    let keys = test_keys();
    assert_eq!(keys.blind("person.id_no", "990102195703160028"), keys.blind("person.id_no", "990102195703160028"));
    assert_ne!(keys.blind("person.id_no", "990102195703160028"), keys.blind("person.id_no", "990102195703160029"));
    assert_ne!(keys.blind("person.id_no", "990102195703160028"), keys.blind("case.id_no", "990102195703160028"));
    assert_eq!(keys.blind("person.id_no", "990102195703160028").len(), 16);
}

#[test]
fn tokens_are_sixteen_hexadecimal_characters_of_their_domain() {
    let keys = test_keys();
    let token = keys.token("plate_no", "晏A12345");
    assert_eq!(token.len(), 16);
    assert!(token.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_eq!(token, keys.token("plate_no", "晏A12345"));
    assert_ne!(token, keys.token("account_no", "晏A12345"));
    assert_ne!(token, Keys::generate().token("plate_no", "晏A12345"));
}

#[test]
fn a_key_is_written_once_and_read_by_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys/vault.key");
    let made = Keys::load_or_create(&path).unwrap();
    let again = Keys::load_or_create(&path).unwrap();
    assert_eq!(again.open("a", &made.seal("a", "same key")).unwrap(), "same key");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_missing_or_malformed_key_is_refused_and_none_is_made_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.key");
    assert!(matches!(Keys::load(&path), Err(StoreError::KeyFile { .. })));
    assert!(!path.exists());
    assert!(matches!(Keys::from_hex("99"), Err(StoreError::KeyFormat)));
    assert!(matches!(Keys::from_hex(&"z".repeat(64)), Err(StoreError::KeyFormat)));
}

#[test]
fn a_key_does_not_print_itself() {
    let hex = "9901029901029901029901029901029901029901029901029901029901029901";
    assert!(!format!("{:?}", Keys::from_hex(hex).unwrap()).contains("9901"));
}
