//! Languages as BCP 47 names them: with the shortest code there is (RFC 5646 section 2.2.1), where films have three letters.

/// Codes of ISO 639-2, terminological and bibliographic, each followed by the two letters of ISO 639-1 for the same language.
const SHORTER: &str = "\
    aaraa abkab afraf akaak albsq amham araar argan armhy asmas avaav aveae aymay azeaz bakba bambm baqeu belbe \
    benbn bihbh bisbi bodbo bosbs brebr bulbg burmy catca cescs chach chece chizh chucu chvcv corkw cosco crecr \
    cymcy czecs danda deude divdv dutnl dzodz ellel engen epoeo estet euseu eweee faofo fasfa fijfj finfi frafr \
    frefr fryfy fulff geoka gerde glagd glega glggl glvgv greel grngn gujgu hatht hauha hebhe herhz hinhi hmoho \
    hrvhr hunhu hyehy iboig iceis idoio iiiii ikuiu ileie inaia indid ipkik islis itait javjv jpnja kalkl kankn \
    kasks katka kaukr kazkk khmkm kikki kinrw kirky komkv konkg korko kuakj kurku laolo latla lavlv limli linln \
    litlt ltzlb lublu luglg macmk mahmh malml maomi marmr mayms mkdmk mlgmg mltmt monmn mrimi msams myamy nauna \
    navnv nblnr ndend ndong nepne nldnl nnonn nobnb norno nyany ocioc ojioj orior ormom ossos panpa perfa plipi \
    polpl porpt pusps quequ rohrm ronro rumro runrn rusru sagsg sansa sinsi slksk slosk slvsl smese smosm snasn \
    sndsd somso sotst spaes sqisq srdsc srpsr sswss sunsu swasw swesv tahty tamta tattt telte tgktg tgltl thath \
    tibbo tirti tonto tsntn tsots tuktk turtr twitw uigug ukruk urdur uzbuz venve vievi volvo welcy wlnwa wolwo \
    xhoxh yidyi yoryo zhaza zhozh zulzu";

/// The longest name that is looked at, in bytes: a tag stands in the names of files.
const LONGEST: usize = 64;

/// The BCP 47 tag of a language that a film names by ISO 639-2 or by a tag already, in its usual case. `None` where it names
/// none.
pub(crate) fn bcp47(name: &str) -> Option<String> {
    if name.len() > LONGEST {
        return None;
    }
    let mut parts = name.trim().split(['-', '_']);
    let primary = parts.next()?.to_ascii_lowercase();
    let is_language = (2..=8).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_private = matches!(primary.as_str(), "x" | "i");
    if !(is_language || is_private) || primary == "und" {
        return None;
    }
    let shorter = SHORTER.split(' ').find_map(|pair| pair.strip_prefix(&primary).filter(|_| primary.len() == 3));
    let mut tag = shorter.unwrap_or(&primary).to_owned();
    // Behind a single letter, cases have no meaning.
    let mut is_extended = is_private;
    for part in parts {
        if !(1..=8).contains(&part.len()) || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        is_extended |= part.len() == 1;
        let lower = part.to_ascii_lowercase();
        tag.push('-');
        match lower.len() {
            2 if !is_extended => tag.push_str(&lower.to_ascii_uppercase()),
            4 if !is_extended && lower.starts_with(|first: char| first.is_ascii_lowercase()) => {
                tag.push_str(&lower[..1].to_ascii_uppercase());
                tag.push_str(&lower[1..]);
            }
            _ => tag.push_str(&lower),
        }
    }
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_letters_become_two_where_there_are_two() {
        for (film, tag) in [
            ("eng", "en"),
            ("ger", "de"),
            ("deu", "de"),
            ("fre", "fr"),
            ("ENG", "en"),
            ("zho", "zh"),
            ("chi", "zh"),
            ("jpn", "ja"),
            ("fil", "fil"),
            ("gsw", "gsw"),
            ("mul", "mul"),
            ("zxx", "zxx"),
            ("qaa", "qaa"),
            ("en", "en"),
            ("eng-us", "en-US"),
            ("pt_BR", "pt-BR"),
            ("zh-hant-tw", "zh-Hant-TW"),
            ("sr-LATN", "sr-Latn"),
            ("de-1996", "de-1996"),
            ("de-CH-x-ZH-Stad", "de-CH-x-zh-stad"),
            ("es-419", "es-419"),
        ] {
            assert_eq!(bcp47(film).as_deref(), Some(tag), "{film}");
        }
    }

    #[test]
    fn what_names_no_language() {
        for film in
            ["und", "", "UND", "e", "123", "en-", "en--us", "../../x", "d\u{e9}u", "toolonglanguage", "en-toolongpart"]
        {
            assert_eq!(bcp47(film), None, "{film}");
        }
    }

    #[test]
    fn the_table_is_whole() {
        assert!(SHORTER.split(' ').all(|pair| pair.len() == 5 && pair.bytes().all(|byte| byte.is_ascii_lowercase())));
        assert_eq!(SHORTER.split(' ').count(), 204);
    }
}
