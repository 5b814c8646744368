//! JSON web tokens (RFC 7519). HS256 only; `kid` names the key.

use crate::{
    clock,
    domain::{AppId, UserId},
    error::{Code, Error, Result},
    secrets::JwtKey,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey, Header, Validation, crypto, decode, encode, errors,
};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;

/// How long an admin's token is valid: 24 hours.
pub(crate) const ADMIN_TOKEN_SECONDS: u64 = 24 * 60 * 60;
/// How long a user's token is valid: 7 days.
pub(crate) const USER_TOKEN_SECONDS: u64 = 7 * 24 * 60 * 60;

const ISSUER: &str = "unified-booking";
const LEEWAY_SECONDS: u64 = 5;
/// A longer token is refused unread. Ours have some hundred bytes: an e-mail address has at most 254.
const MAX_TOKEN_BYTES: usize = 4096;
/// HS256 requires a key as long as its hash (RFC 7518, 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// The keys of one kind of token. The first signs, and all verify. So a new key can go in front of the
/// old one.
pub struct JwtKeys {
    audience: &'static str,
    signing: (String, EncodingKey),
    verifying: Vec<(String, DecodingKey)>,
    validation: Validation,
}

impl fmt::Debug for JwtKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKeys").field("audience", &self.audience).finish_non_exhaustive()
    }
}

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// No key that this process knows has signed it. The secret may have a newer key.
    UnknownKey,
    /// It is ours, and has expired.
    Expired,
    /// It is not ours, whatever the keys.
    NotOurs,
}

impl From<TokenError> for Error {
    fn from(fault: TokenError) -> Self {
        match fault {
            TokenError::Expired => Code::TokenExpired.into(),
            TokenError::UnknownKey | TokenError::NotOurs => Code::Unauthenticated.into(),
        }
    }
}

/// The contents of a verified user token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VerifiedToken {
    /// The user whom it names.
    pub user: UserId,
    /// The app that issued it, as written in the token.
    pub app_id: String,
    /// In seconds since 1970.
    pub issued_at: u64,
}

/// A token's header: exactly what [`JwtKeys::sign`] writes. This refuses `crit`, `jwk`, `jku` and
/// everything else that tells the reader how to read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenHeader {
    alg: Algorithm,
    typ: Type,
    kid: String,
}

#[derive(Deserialize)]
enum Type {
    #[serde(rename = "JWT")]
    Jwt,
}

#[derive(Serialize, Deserialize)]
struct Claims<T> {
    iss: String,
    aud: String,
    sub: String,
    iat: u64,
    exp: u64,
    #[serde(flatten)]
    own: T,
}

#[derive(Serialize, Deserialize)]
struct AdminClaims {
    role: Role,
}

#[derive(Serialize, Deserialize)]
enum Role {
    #[serde(rename = "ADMIN")]
    Admin,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserClaims {
    app_id: String,
}

/// Separates the signature of a fact from that of a token: no token starts like this.
const FACT_PREFIX: &str = "proof\0";

impl JwtKeys {
    /// Signs a fact with HMAC-SHA-256. Only who has the key can do this.
    pub(crate) fn sign_fact(&self, fact: &str) -> Result<String> {
        crypto::sign(format!("{FACT_PREFIX}{fact}").as_bytes(), &self.signing.1, Algorithm::HS256)
            .map_err(Error::internal)
    }

    /// Whether one of the keys signed this fact.
    pub(crate) fn verify_fact(&self, fact: &str, signature: &str) -> bool {
        let fact = format!("{FACT_PREFIX}{fact}");
        let by = |key| {
            crypto::verify(signature, fact.as_bytes(), key, Algorithm::HS256).unwrap_or(false)
        };
        self.verifying.iter().any(|(_, key)| by(key))
    }

    /// Keys for tokens of that audience. The keys in `earlier` come from the secret's previous version:
    /// they verify and never sign.
    ///
    /// # Errors
    /// Says what is wrong with the keys.
    pub fn new(
        audience: &'static str,
        keys: Vec<JwtKey>,
        earlier: Vec<JwtKey>,
    ) -> Result<Self, String> {
        for (index, key) in keys.iter().enumerate() {
            if key.kid.is_empty() || keys[..index].iter().any(|earlier| earlier.kid == key.kid) {
                return Err("every key needs a kid of its own".into());
            }
            if key.secret.expose_secret().len() < MIN_SECRET_BYTES {
                return Err(format!("must have at least {MIN_SECRET_BYTES} bytes"));
            }
        }
        let Some(first) = keys.first() else { return Err("must have at least one key".into()) };
        let signing =
            (first.kid.clone(), EncodingKey::from_secret(first.secret.expose_secret().as_bytes()));
        // A key that is too weak to sign must not verify either.
        let earlier =
            earlier.into_iter().filter(|key| key.secret.expose_secret().len() >= MIN_SECRET_BYTES);
        let verifying = keys.into_iter().chain(earlier).map(|JwtKey { kid, secret }| {
            (kid, DecodingKey::from_secret(secret.expose_secret().as_bytes()))
        });
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        Ok(Self { audience, signing, verifying: verifying.collect(), validation })
    }

    /// A token for the platform's admin.
    pub(crate) fn sign_admin(&self, email: &str) -> Result<String> {
        self.sign(email, ADMIN_TOKEN_SECONDS, AdminClaims { role: Role::Admin })
    }

    /// The e-mail address that an admin's token names.
    pub(crate) fn verify_admin(&self, token: &str) -> Result<String, TokenError> {
        Ok(self.verify::<AdminClaims>(token)?.sub)
    }

    /// A token for a user, valid only in that app.
    pub fn sign_user(&self, user: UserId, app: &AppId) -> Result<String> {
        self.sign(
            &user.to_string(),
            USER_TOKEN_SECONDS,
            UserClaims { app_id: app.as_str().to_owned() },
        )
    }

    /// Verifies a user's token of any app.
    pub(crate) fn verify_user(&self, token: &str) -> Result<VerifiedToken, TokenError> {
        let claims = self.verify::<UserClaims>(token)?;
        let user = UserId::parse(&claims.sub).map_err(|_| TokenError::NotOurs)?;
        Ok(VerifiedToken { user, app_id: claims.own.app_id, issued_at: claims.iat })
    }

    fn sign<T: Serialize>(&self, subject: &str, seconds: u64, own: T) -> Result<String> {
        let (kid, key) = &self.signing;
        let iat = u64::try_from(clock::now().timestamp()).map_err(Error::internal)?;
        let claims = Claims {
            iss: ISSUER.into(),
            aud: self.audience.into(),
            sub: subject.into(),
            iat,
            exp: iat + seconds,
            own,
        };
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims, key).map_err(Error::internal)
    }

    fn verify<T: Serialize + DeserializeOwned>(
        &self,
        token: &str,
    ) -> Result<Claims<T>, TokenError> {
        let TokenHeader { alg: Algorithm::HS256, typ: Type::Jwt, kid } =
            parse_header(token).ok_or(TokenError::NotOurs)?
        else {
            return Err(TokenError::NotOurs);
        };
        // Two keys may have the same name: the current one and the one it replaced.
        for (_, key) in self.verifying.iter().filter(|(known, _)| *known == kid) {
            match decode::<Claims<T>>(token, key, &self.validation)
                .map_err(errors::Error::into_kind)
            {
                Ok(token) => return Ok(token.claims),
                Err(errors::ErrorKind::InvalidSignature) => {}
                Err(errors::ErrorKind::ExpiredSignature) => return Err(TokenError::Expired),
                Err(_) => return Err(TokenError::NotOurs),
            }
        }
        Err(TokenError::UnknownKey)
    }
}

/// Parses a token's header; `None` if it is not one of ours.
fn parse_header(token: &str) -> Option<TokenHeader> {
    if token.len() > MAX_TOKEN_BYTES {
        return None;
    }
    let mut parts = token.split('.');
    let (Some(header), Some(_), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn key(kid: &str, byte: char) -> JwtKey {
        JwtKey { kid: kid.into(), secret: byte.to_string().repeat(32).into() }
    }

    fn keys(list: Vec<JwtKey>) -> JwtKeys {
        JwtKeys::new("user", list, Vec::new()).unwrap()
    }

    fn user() -> UserId {
        UserId::parse("507f1f77bcf86cd799439011").unwrap()
    }

    fn app() -> AppId {
        AppId::parse("app-one").unwrap()
    }

    fn fault<T: fmt::Debug>(result: Result<T, TokenError>) -> TokenError {
        result.unwrap_err()
    }

    /// A token of the key `a` with this header and these claims.
    fn forged(header: &Value, claims: &Value) -> String {
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let secret = EncodingKey::from_secret(&[b'a'; 32]);
        let signature =
            jsonwebtoken::crypto::sign(message.as_bytes(), &secret, Algorithm::HS256).unwrap();
        format!("{message}.{signature}")
    }

    fn honest_header() -> Value {
        json!({"typ": "JWT", "alg": "HS256", "kid": "a"})
    }

    fn honest_claims() -> Value {
        let now = clock::now().timestamp();
        json!({
            "iss": ISSUER, "aud": "user", "sub": user().to_string(), "iat": now, "exp": now + 60, "appId": "app-one",
        })
    }

    #[test]
    fn the_old_key_still_verifies_after_a_rotation() {
        let token = keys(vec![key("a", 'a')]).sign_user(user(), &app()).unwrap();
        assert_eq!(
            keys(vec![key("b", 'b'), key("a", 'a')]).verify_user(&token).unwrap().user,
            user()
        );
        assert_eq!(fault(keys(vec![key("b", 'b')]).verify_user(&token)), TokenError::UnknownKey);
        assert_eq!(fault(keys(vec![key("a", 'b')]).verify_user(&token)), TokenError::UnknownKey);
    }

    #[test]
    fn the_keys_of_the_previous_version_verify_and_never_sign() {
        let token = keys(vec![key("a", 'a')]).sign_user(user(), &app()).unwrap();
        let rotated =
            |kid: &str| JwtKeys::new("user", vec![key(kid, 'b')], vec![key("a", 'a')]).unwrap();
        assert_eq!(rotated("b").verify_user(&token).unwrap().user, user());
        // Also where the new secret took the old one's name.
        assert_eq!(rotated("a").verify_user(&token).unwrap().user, user());
        let token = rotated("b").sign_user(user(), &app()).unwrap();
        assert_eq!(fault(keys(vec![key("a", 'a')]).verify_user(&token)), TokenError::UnknownKey);
        let weak = JwtKey { kid: "a".into(), secret: "short".to_owned().into() };
        let keys = JwtKeys::new("user", vec![key("b", 'b')], vec![weak]).unwrap();
        assert_eq!(keys.verifying.len(), 1);
        assert!(JwtKeys::new("user", vec![], vec![key("a", 'a')]).is_err());
    }

    #[test]
    fn a_token_is_good_in_its_own_kind_alone_and_names_its_app() {
        let users = keys(vec![key("a", 'a')]);
        let token = users.sign_user(user(), &app()).unwrap();
        assert_eq!(users.verify_user(&token).unwrap().app_id, "app-one");
        let admins = JwtKeys::new("admin", vec![key("a", 'a')], Vec::new()).unwrap();
        assert_eq!(fault(admins.verify_admin(&token)), TokenError::NotOurs);
        assert_eq!(
            fault(users.verify_user(&admins.sign_admin("a@b").unwrap())),
            TokenError::NotOurs
        );
    }

    #[test]
    fn an_old_token_is_expired_and_a_forged_old_one_is_not_ours() {
        let mut claims = honest_claims();
        (claims["iat"], claims["exp"]) = (json!(1), json!(2));
        let old = forged(&honest_header(), &claims);
        assert_eq!(fault(keys(vec![key("a", 'a')]).verify_user(&old)), TokenError::Expired);
        assert_eq!(fault(keys(vec![key("a", 'b')]).verify_user(&old)), TokenError::UnknownKey);
    }

    #[test]
    fn five_seconds_are_let_pass_and_no_more() {
        let users = keys(vec![key("a", 'a')]);
        let now = clock::now().timestamp();
        let with = |name: &str, value: i64| {
            let mut claims = honest_claims();
            claims[name] = value.into();
            users.verify_user(&forged(&honest_header(), &claims)).map(|_| ())
        };
        assert_eq!(
            (with("exp", now - 3), with("exp", now - 7)),
            (Ok(()), Err(TokenError::Expired))
        );
        assert_eq!(
            (with("nbf", now + 3), with("nbf", now + 9)),
            (Ok(()), Err(TokenError::NotOurs))
        );
    }

    #[test]
    fn a_header_that_is_not_ours_is_refused() {
        let users = keys(vec![key("a", 'a')]);
        assert!(users.verify_user(&forged(&honest_header(), &honest_claims())).is_ok());
        let mut rows = vec![json!(1), json!([]), json!({})];
        for (name, value) in [
            ("alg", json!("none")),
            ("alg", json!("hs256")),
            ("alg", json!("HS384")),
            ("alg", json!("HS512")),
            ("alg", json!("RS256")),
            ("alg", json!(["HS256"])),
            ("typ", json!("jwt")),
            ("typ", json!("at+jwt")),
            ("typ", json!(null)),
            ("kid", json!(1)),
            ("kid", json!(["a"])),
            ("crit", json!(["exp"])),
            ("crit", json!([])),
            ("crit", json!(null)),
            ("jku", json!("https://evil.example.org/keys")),
            ("jwk", json!({"kty": "oct", "k": "YQ"})),
            ("b64", json!(false)),
        ] {
            let mut header = honest_header();
            header[name] = value;
            rows.push(header);
        }
        for name in ["alg", "typ", "kid"] {
            let mut header = honest_header();
            header.as_object_mut().unwrap().remove(name);
            rows.push(header);
        }
        for header in rows {
            assert_eq!(
                fault(users.verify_user(&forged(&header, &honest_claims()))),
                TokenError::NotOurs,
                "{header}"
            );
        }
    }

    #[test]
    fn a_claim_that_is_missing_or_of_another_type_is_refused() {
        let users = keys(vec![key("a", 'a')]);
        for (name, others) in [
            ("iss", vec![json!(null), json!(1), json!([ISSUER])]),
            ("aud", vec![json!(null), json!(1), json!(["user"]), json!(["user", "admin"])]),
            (
                "sub",
                vec![json!(null), json!(1), json!({"$ne": 1}), json!("507F1F77BCF86CD799439011x")],
            ),
            ("iat", vec![json!(null), json!("1"), json!(-1), json!(1.5)]),
            ("exp", vec![json!(null), json!("99999999999"), json!(-1), json!(1e300), json!([])]),
            ("appId", vec![json!(null), json!(1), json!({})]),
        ] {
            let mut claims = honest_claims();
            claims.as_object_mut().unwrap().remove(name);
            assert_eq!(
                fault(users.verify_user(&forged(&honest_header(), &claims))),
                TokenError::NotOurs,
                "no {name}"
            );
            for other in others {
                claims[name] = other;
                assert_eq!(
                    fault(users.verify_user(&forged(&honest_header(), &claims))),
                    TokenError::NotOurs,
                    "{claims}"
                );
            }
        }
        let mut claims = honest_claims();
        claims["nbf"] = json!("0");
        assert_eq!(
            fault(users.verify_user(&forged(&honest_header(), &claims))),
            TokenError::NotOurs
        );
    }

    #[test]
    fn what_is_too_long_or_has_not_three_parts_is_not_looked_at() {
        let users = keys(vec![key("a", 'a')]);
        let mut claims = honest_claims();
        claims["more"] = "x".repeat(MAX_TOKEN_BYTES).into();
        let token = forged(&honest_header(), &honest_claims());
        for bad in [
            forged(&honest_header(), &claims),
            format!("{token}.x"),
            format!(".{token}"),
            format!(" {token}"),
            format!("{token}="),
            token.replacen('.', "..", 1),
            String::new(),
            ".".into(),
            "..".into(),
        ] {
            assert_ne!(users.verify_user(&bad).err(), None, "{bad}");
        }
    }

    #[test]
    fn weak_or_doubled_keys_are_refused() {
        let refused = |list: Vec<JwtKey>| JwtKeys::new("user", list, Vec::new()).is_err();
        assert!(refused(vec![]));
        assert!(refused(vec![key("a", 'a'), key("a", 'b')]));
        assert!(refused(vec![JwtKey { kid: "a".into(), secret: "short".to_owned().into() }]));
    }
}
