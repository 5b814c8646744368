//! The payment accounts of apps: which account takes a payment, and the client for its provider.

use crate::{
    auth::credentials::Credentials,
    config::PaymentSettings,
    domain::{AppId, ObjectId, PaymentProvider, Timestamp},
    error::{Code, Error, Result},
    payment::{Gateway, InvalidEvent, ProviderEvent, ProviderHttp, Razorpay, Simulated, Stripe},
    secrets::Sealed,
    store::{
        Store,
        apps::App,
        bookings::Stored,
        payment_accounts::{AppPayments, MAX_REPLACED_ACCOUNTS, PaymentAccount},
    },
};
use hyper::HeaderMap;
use secrecy::SecretString;
use std::{sync::Arc, time::SystemTime};

/// How often a change of an app's accounts is tried. An attempt fails if the app changes meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// The payment accounts of all apps.
#[derive(Debug)]
pub struct PaymentAccounts {
    settings: PaymentSettings,
    store: Arc<Store>,
    credentials: Arc<Credentials>,
    http: ProviderHttp,
}

/// The keys of an account, as its owner enters them.
#[derive(Debug)]
pub enum NewAccount {
    /// An account at Stripe.
    Stripe {
        /// The key for this service. Begins with `sk_` or `rk_`.
        secret_key: SecretString,
        /// The key for the buyer's browser. Begins with `pk_`.
        publishable_key: String,
        /// The secret with which the provider signs its events.
        webhook_secret: SecretString,
    },
    /// An account at Razorpay.
    Razorpay {
        /// The public half of the API key. Begins with `rzp_`.
        key_id: String,
        /// The secret half of the API key.
        key_secret: SecretString,
        /// The secret with which the provider signs its events.
        webhook_secret: SecretString,
    },
    /// The simulation, which has no keys.
    Simulated,
}

/// An account with its keys decrypted and the client for its provider.
#[derive(Debug)]
pub(crate) struct OpenAccount {
    pub(crate) provider: PaymentProvider,
    /// `None` for the simulation.
    pub(crate) id: Option<ObjectId>,
    /// Stripe's publishable key, or Razorpay's key id.
    pub(crate) public_key: Option<String>,
    pub(crate) gateway: Box<dyn Gateway>,
}

impl PaymentAccounts {
    pub(crate) fn new(
        settings: PaymentSettings,
        store: Arc<Store>,
        credentials: Arc<Credentials>,
    ) -> Self {
        Self { settings, store, credentials, http: ProviderHttp::default() }
    }

    /// The provider of an app's new payments. `None`: the app has none.
    pub fn provider_of(&self, app: &App) -> Option<PaymentProvider> {
        match &app.payments {
            Some(payments) => payments.current.provider.known(),
            None => self.settings.default_provider,
        }
    }

    /// The account that takes an app's new payments.
    ///
    /// # Errors
    /// `PAYMENTS_NOT_CONFIGURED`.
    pub(crate) async fn current(&self, app: &App) -> Result<OpenAccount> {
        match (self.provider_of(app), &app.payments) {
            (None, _) => Err(Code::PaymentsNotConfigured.into()),
            (Some(PaymentProvider::Simulated), _) | (Some(_), None) => Ok(simulation()),
            (Some(_), Some(payments)) => self.open(&app.app_id, &payments.current).await,
        }
    }

    /// The account by which a payment was started.
    pub(crate) async fn find(&self, app: &App, account: Option<ObjectId>) -> Result<OpenAccount> {
        let Some(id) = account else { return Ok(simulation()) };
        let mut all = app.payments.iter().flat_map(AppPayments::all);
        match all.find(|account| account.id == id) {
            Some(account) => self.open(&app.app_id, account).await,
            // The app was read before the account was set.
            None => Err(Error::unavailable("the payment's account is not known yet")),
        }
    }

    /// The event in a webhook request, and the account that signed it. `None` if the body has no
    /// known form.
    ///
    /// # Errors
    /// `INVALID_SIGNATURE` if no account of the app at this provider has signed it.
    pub(crate) async fn verify_event(
        &self,
        app: &App,
        provider: PaymentProvider,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<(ProviderEvent, Option<ObjectId>)>> {
        let all = app.payments.iter().flat_map(AppPayments::all);
        // The simulation signs nothing.
        let is_signed = provider != PaymentProvider::Simulated;
        for account in all.filter(|account| is_signed && account.provider == provider) {
            let account = self.open(&app.app_id, account).await?;
            match account.gateway.event(headers, body, SystemTime::now()) {
                Ok(event) => return Ok(Some((event, account.id))),
                Err(InvalidEvent::Body) => return Ok(None),
                Err(InvalidEvent::Signature) => {}
            }
        }
        Err(Code::InvalidSignature.into())
    }

    async fn open(&self, app: &AppId, account: &PaymentAccount) -> Result<OpenAccount> {
        let provider = account.provider.known();
        let unreadable = || Error::unavailable("a payment account cannot be read");
        let public_key = account.public_key.as_deref().ok_or_else(unreadable)?;
        let secret = self.unsealed(app, account, Field::Secret).await?;
        let webhook_secret = self.unsealed(app, account, Field::Webhook).await?;
        let (http, settings) = (self.http.clone(), &self.settings);
        let gateway: Box<dyn Gateway> = match provider {
            Some(PaymentProvider::Stripe) => Box::new(
                Stripe::new(http, &settings.stripe_base, &secret, webhook_secret)
                    .map_err(Error::unavailable)?,
            ),
            Some(PaymentProvider::Razorpay) => Box::new(
                Razorpay::new(http, &settings.razorpay_base, public_key, &secret, webhook_secret)
                    .map_err(Error::unavailable)?,
            ),
            Some(PaymentProvider::Simulated) | None => return Err(unreadable()),
        };
        Ok(OpenAccount {
            provider: provider.ok_or_else(unreadable)?,
            id: Some(account.id),
            public_key: account.public_key.clone(),
            gateway,
        })
    }

    async fn unsealed(
        &self,
        app: &AppId,
        account: &PaymentAccount,
        field: Field,
    ) -> Result<SecretString> {
        let sealed = match field {
            Field::Secret => &account.secret_key,
            Field::Webhook => &account.webhook_secret,
        };
        let sealed = sealed.as_ref().ok_or_else(|| Error::unavailable("a sealed key is absent"))?;
        self.credentials.open(sealed, &sealing_context(app, account.id, field)).await
    }

    /// Makes this the account for the app's new payments. The previous account is kept for payments
    /// that were started with it. New keys of the same account replace its earlier keys.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a key of the wrong form, `APP_NOT_FOUND`, `LIMIT_REACHED`,
    /// `PAYMENTS_NOT_CONFIGURED` if the deployment's secret has no `sealingKeys`.
    pub async fn configure(&self, app: &AppId, new: &NewAccount) -> Result<App> {
        let is_live = self.check_mode(new)?;
        for _ in 0..MAX_ATTEMPTS {
            let app = self.store.apps.find(app).await?.ok_or(Code::AppNotFound)?;
            let account = self.account_of(&app, new, is_live).await?;
            let payments = with_account(app.payments.clone(), account)?;
            if let Some(app) = self.store.apps.set_payments(&app, &payments).await? {
                return Ok(app);
            }
        }
        Err(Error::unavailable("the app changed at every attempt to set its provider"))
    }

    /// Whether the keys are of live mode. They must all be of one mode.
    fn check_mode(&self, new: &NewAccount) -> Result<bool> {
        let http = self.http.clone();
        match new {
            NewAccount::Simulated => Ok(false),
            NewAccount::Stripe { secret_key, publishable_key, webhook_secret } => {
                let stripe = Stripe::new(
                    http,
                    &self.settings.stripe_base,
                    secret_key,
                    webhook_secret.clone(),
                );
                let stripe = stripe.map_err(|problem| key_error("secretKey", &problem))?;
                let mode = if stripe.is_live() { "pk_live_" } else { "pk_test_" };
                if !publishable_key.starts_with(mode) {
                    let reason =
                        format!("must begin with {mode}, as the secretKey is of that mode");
                    return Err(Error::field("publishableKey", reason));
                }
                Ok(stripe.is_live())
            }
            NewAccount::Razorpay { key_id, key_secret, webhook_secret } => {
                let base = &self.settings.razorpay_base;
                Razorpay::new(http, base, key_id, key_secret, webhook_secret.clone())
                    .map(|razorpay| razorpay.is_live())
                    .map_err(|problem| key_error("keyId", &problem))
            }
        }
    }

    async fn account_of(
        &self,
        app: &App,
        new: &NewAccount,
        is_live: bool,
    ) -> Result<PaymentAccount> {
        let (provider, public_key, secrets) = match new {
            NewAccount::Stripe { secret_key, publishable_key, webhook_secret } => {
                (PaymentProvider::Stripe, Some(publishable_key), Some((secret_key, webhook_secret)))
            }
            NewAccount::Razorpay { key_id, key_secret, webhook_secret } => {
                (PaymentProvider::Razorpay, Some(key_id), Some((key_secret, webhook_secret)))
            }
            NewAccount::Simulated => (PaymentProvider::Simulated, None, None),
        };
        let same = |account: &&PaymentAccount| {
            account.provider == provider && account.public_key.as_ref() == public_key
        };
        let known = app.payments.iter().flat_map(AppPayments::all).find(same);
        let id = known.map_or_else(ObjectId::new, |account| account.id);
        let mut account = PaymentAccount {
            id,
            provider: Stored::Known(provider),
            public_key: public_key.cloned(),
            secret_key: None,
            webhook_secret: None,
            is_live,
            created_at: Timestamp::now(),
        };
        if let Some((secret, webhook)) = secrets {
            account.secret_key = Some(self.seal(&app.app_id, id, Field::Secret, secret).await?);
            account.webhook_secret =
                Some(self.seal(&app.app_id, id, Field::Webhook, webhook).await?);
        }
        Ok(account)
    }

    async fn seal(
        &self,
        app: &AppId,
        account: ObjectId,
        field: Field,
        secret: &SecretString,
    ) -> Result<Sealed> {
        self.credentials.seal(secret, &sealing_context(app, account, field)).await
    }
}

#[derive(Clone, Copy, Debug)]
enum Field {
    Secret,
    Webhook,
}

/// The context of a sealed key. It can be decrypted only with the same context.
fn sealing_context(app: &AppId, account: ObjectId, field: Field) -> String {
    let field = match field {
        Field::Secret => "secretKey",
        Field::Webhook => "webhookSecret",
    };
    format!("{}/{account}/{field}", app.as_str())
}

fn simulation() -> OpenAccount {
    OpenAccount {
        provider: PaymentProvider::Simulated,
        id: None,
        public_key: None,
        gateway: Box::new(Simulated),
    }
}

/// The error for a malformed key. A `problem` may begin with the field's name, which the error adds
/// itself.
fn key_error(field: &str, problem: &str) -> Error {
    let reason = problem.strip_prefix(field).map_or(problem, str::trim_start);
    Error::field(field, reason)
}

/// The accounts of an app after this one was made its current one.
fn with_account(before: Option<AppPayments>, current: PaymentAccount) -> Result<AppPayments> {
    let Some(AppPayments { current: last, mut replaced }) = before else {
        return Ok(AppPayments { current, replaced: Vec::new() });
    };
    // The simulation has no keys that a payment could need.
    if last.public_key.is_some() {
        replaced.push(last);
    }
    replaced.retain(|account| account.id != current.id);
    if replaced.len() > MAX_REPLACED_ACCOUNTS {
        let message = format!("An app can have had at most {MAX_REPLACED_ACCOUNTS} accounts");
        return Err(Error::limit_reached(message, MAX_REPLACED_ACCOUNTS));
    }
    Ok(AppPayments { current, replaced })
}
