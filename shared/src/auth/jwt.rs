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
/// A longer token is refused unread. Ours have some hundred bytes: an e-mail address
/// has at most 254.
const MAX_TOKEN_BYTES: usize = 4096;
/// HS256 requires a key as long as its hash (RFC 7518, 3.2).
const MIN_SECRET_BYTES: usize = 32;

/// The keys of one kind of token. The first signs, and all verify. So a new key can go in front
/// of the old one.
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
    /// We issued it, and it has expired.
    Expired,
    /// We did not issue it. No other version of the secret would change that.
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
/// every other field that would change how a token is verified.
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

/// Marks a signed fact. No token starts with this text. So the signature of a fact is never valid
/// for a token, nor the signature of a token for a fact.
const FACT_PREFIX: &str = "proof\0";

impl JwtKeys {
    /// Signs a fact with HMAC-SHA-256. Nobody can do this without the key.
    pub(crate) fn sign_fact(&self, fact: &str) -> Result<String> {
        crypto::sign(format!("{FACT_PREFIX}{fact}").as_bytes(), &self.signing.1, Algorithm::HS256)
            .map_err(Error::internal)
    }

    /// Whether one of the keys signed this fact.
    pub(crate) fn verify_fact(&self, fact: &str, signature: &str) -> bool {
        let fact = format!("{FACT_PREFIX}{fact}");
        let signed_by = |key| {
            crypto::verify(signature, fact.as_bytes(), key, Algorithm::HS256).unwrap_or(false)
        };
        self.verifying.iter().any(|(_, key)| signed_by(key))
    }

    /// Keys for tokens of that audience. The keys in `earlier` come from the secret's previous
    /// version: they verify and never sign.
    ///
    /// # Errors
    /// Says what is wrong with the keys.
    pub fn new(
        audience: &'static str,
        keys: Vec<JwtKey>,
        earlier: Vec<JwtKey>,
    ) -> Result<Self, String> {
        for (index, key) in keys.iter().enumerate() {
            if key.kid.is_empty() || keys[..index].iter().any(|other| other.kid == key.kid) {
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
mod tests;
