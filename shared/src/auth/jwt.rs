//! JSON web tokens (RFC 7519), HS256 only, keys told apart by `kid`.

use crate::{
    clock,
    domain::{AppId, UserId},
    error::{Code, Error, Result},
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode, errors};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;

/// Seconds that an admin's token lasts: 24 hours.
pub const ADMIN_SECONDS: u64 = 24 * 60 * 60;
/// Seconds that a user's token lasts: 7 days.
pub const USER_SECONDS: u64 = 7 * 24 * 60 * 60;

const ISSUER: &str = "unified-booking";
const LEEWAY_SECONDS: u64 = 5;
/// HS256 wants a key as long as its hash (RFC 7518, 3.2).
const SHORTEST_SECRET: usize = 32;

/// One signing key as it stands in the settings.
#[derive(Clone, Debug, Deserialize)]
pub struct JwtKey {
    /// What tokens call the key.
    pub kid: String,
    /// At least 32 bytes.
    pub secret: SecretString,
}

/// The keys of one kind of token: the first signs, all verify, so that a new one can be put in front of the old.
pub struct JwtKeys {
    audience: &'static str,
    keys: Vec<(String, EncodingKey, DecodingKey)>,
    validation: Validation,
}

impl fmt::Debug for JwtKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKeys").field("audience", &self.audience).finish_non_exhaustive()
    }
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

impl JwtKeys {
    /// Keys for tokens of that audience, or what is wrong with them.
    pub fn new(audience: &'static str, keys: Vec<JwtKey>) -> Result<Self, String> {
        if keys.is_empty() {
            return Err("must have at least one key".into());
        }
        for (index, key) in keys.iter().enumerate() {
            if key.kid.is_empty() || keys[..index].iter().any(|earlier| earlier.kid == key.kid) {
                return Err("every key needs a kid of its own".into());
            }
            if key.secret.expose_secret().len() < SHORTEST_SECRET {
                return Err(format!("must have at least {SHORTEST_SECRET} bytes"));
            }
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let keys = keys
            .into_iter()
            .map(|JwtKey { kid, secret }| {
                let secret = secret.expose_secret().as_bytes();
                (kid, EncodingKey::from_secret(secret), DecodingKey::from_secret(secret))
            })
            .collect();
        Ok(Self { audience, keys, validation })
    }

    /// A token for the platform's admin.
    pub fn sign_admin(&self, email: &str) -> Result<String> {
        self.sign(email, ADMIN_SECONDS, AdminClaims { role: Role::Admin })
    }

    /// Who an admin's token names.
    pub fn verify_admin(&self, token: &str) -> Result<String> {
        Ok(self.verify::<AdminClaims>(token)?.sub)
    }

    /// A token for a user, good in that app alone.
    pub fn sign_user(&self, user: UserId, app: &AppId) -> Result<String> {
        self.sign(&user.to_string(), USER_SECONDS, UserClaims { app_id: app.as_str().to_owned() })
    }

    /// Who a user's token names, for `app`; a good token of another app is `TOKEN_APP_MISMATCH`.
    pub fn verify_user(&self, token: &str, app: &AppId) -> Result<UserId> {
        let claims = self.verify::<UserClaims>(token)?;
        if claims.own.app_id != app.as_str() {
            return Err(Code::TokenAppMismatch.into());
        }
        UserId::parse(&claims.sub).map_err(|_| Code::Unauthenticated.into())
    }

    fn sign<T: Serialize>(&self, subject: &str, seconds: u64, own: T) -> Result<String> {
        let Some((kid, key, _)) = self.keys.first() else { return Err(Error::internal("no signing key")) };
        let iat = u64::try_from(clock::now().timestamp()).map_err(Error::internal)?;
        let claims =
            Claims { iss: ISSUER.into(), aud: self.audience.into(), sub: subject.into(), iat, exp: iat + seconds, own };
        let header = Header { kid: Some(kid.clone()), ..Header::new(Algorithm::HS256) };
        encode(&header, &claims, key).map_err(Error::internal)
    }

    fn verify<T: DeserializeOwned>(&self, token: &str) -> Result<Claims<T>> {
        let header = decode_header(token).map_err(|_| Code::Unauthenticated)?;
        // Whatever a `crit` asks for, we do not do it (RFC 7515, 4.1.11).
        if header.typ.as_deref() != Some("JWT") || header.crit.is_some() {
            return Err(Code::Unauthenticated.into());
        }
        let kid = header.kid.ok_or(Code::Unauthenticated)?;
        let (_, _, key) = self.keys.iter().find(|(known, ..)| *known == kid).ok_or(Code::Unauthenticated)?;
        match decode::<Claims<T>>(token, key, &self.validation) {
            Ok(token) => Ok(token.claims),
            Err(error) if matches!(error.kind(), errors::ErrorKind::ExpiredSignature) => Err(Code::TokenExpired.into()),
            Err(_) => Err(Code::Unauthenticated.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kid: &str, byte: char) -> JwtKey {
        JwtKey { kid: kid.into(), secret: byte.to_string().repeat(32).into() }
    }

    fn keys(list: Vec<JwtKey>) -> JwtKeys {
        JwtKeys::new("user", list).unwrap()
    }

    fn user() -> UserId {
        UserId::parse("507f1f77bcf86cd799439011").unwrap()
    }

    fn app() -> AppId {
        AppId::parse("app-one").unwrap()
    }

    fn code<T: fmt::Debug>(result: Result<T>) -> Code {
        result.unwrap_err().code()
    }

    #[test]
    fn the_old_key_still_verifies_after_a_rotation() {
        let token = keys(vec![key("a", 'a')]).sign_user(user(), &app()).unwrap();
        assert_eq!(keys(vec![key("b", 'b'), key("a", 'a')]).verify_user(&token, &app()).unwrap(), user());
        assert_eq!(code(keys(vec![key("b", 'b')]).verify_user(&token, &app())), Code::Unauthenticated);
        assert_eq!(code(keys(vec![key("a", 'b')]).verify_user(&token, &app())), Code::Unauthenticated);
    }

    #[test]
    fn a_token_is_good_in_its_own_app_and_kind_alone() {
        let users = keys(vec![key("a", 'a')]);
        let token = users.sign_user(user(), &app()).unwrap();
        assert_eq!(code(users.verify_user(&token, &AppId::parse("app-two").unwrap())), Code::TokenAppMismatch);
        let admins = JwtKeys::new("admin", vec![key("a", 'a')]).unwrap();
        assert_eq!(code(admins.verify_admin(&token)), Code::Unauthenticated);
        assert_eq!(code(users.verify_user(&admins.sign_admin("a@b").unwrap(), &app())), Code::Unauthenticated);
    }

    #[test]
    fn an_old_token_is_expired_and_a_forged_old_one_is_not_ours() {
        let users = keys(vec![key("a", 'a')]);
        let old = Claims {
            iss: ISSUER.into(),
            aud: "user".into(),
            sub: user().to_string(),
            iat: 1,
            exp: 2,
            own: UserClaims { app_id: "app-one".into() },
        };
        let header = Header { kid: Some("a".into()), ..Header::new(Algorithm::HS256) };
        let sign = |byte: &str| encode(&header, &old, &EncodingKey::from_secret(byte.repeat(32).as_bytes())).unwrap();
        assert_eq!(code(users.verify_user(&sign("a"), &app())), Code::TokenExpired);
        assert_eq!(code(users.verify_user(&sign("b"), &app())), Code::Unauthenticated);
    }

    #[test]
    fn weak_or_doubled_keys_are_refused() {
        assert!(JwtKeys::new("user", vec![]).is_err());
        assert!(JwtKeys::new("user", vec![key("a", 'a'), key("a", 'b')]).is_err());
        assert!(JwtKeys::new("user", vec![JwtKey { kid: "a".into(), secret: "short".to_owned().into() }]).is_err());
    }
}
