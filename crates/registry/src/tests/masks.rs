use crate::{mask_account, mask_name, mask_phone};

#[test]
fn a_mask_keeps_the_family_name_only() {
    assert_eq!(mask_name("李秀兰"), "李*");
    assert_eq!(mask_name("李兰"), "李*");
    assert_eq!(mask_name("欧阳一川"), "欧阳*");
    assert_eq!(mask_name("欧阳"), "欧*");
    assert_eq!(mask_name(" 张三 "), "张*");
    assert_eq!(mask_name(""), "");
}

#[test]
fn a_mask_of_an_account_keeps_four_digits_and_of_a_short_one_none() {
    assert_eq!(mask_account("6230 9900 0000 0000 028"), "**** 0028");
    assert_eq!(mask_account("0028"), "****");
    assert_eq!(mask_account(""), "****");
}

#[test]
fn a_mask_of_a_phone_keeps_both_ends() {
    assert_eq!(mask_phone("13800009901"), "138****9901");
    assert_eq!(mask_phone("0990-8800"), "099****8800");
    assert_eq!(mask_phone("8800"), "****");
}
