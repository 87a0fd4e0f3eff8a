//! What a C instance is given: parameters, log, metrics, spans, clock.

use std::{
    collections::BTreeMap,
    ffi::{CStr, CString, c_char, c_void},
    ptr,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering::Relaxed},
};

use benchhost_plugin_api::abi::{
    c::{C_ABI_REVISION, Host},
    host::HostSink as _,
    status,
};
use benchhost_record::names;

use crate::{
    measure::{Clock as _, MonotonicClock},
    worker::{child::PageSink, message::CreateSpec, page::Page},
};

/// The state behind the table of one instance.
pub(super) struct Services {
    params: toml::Table,
    page: &'static Page,
    sink: Arc<PageSink>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Texts that were handed out; they live as long as the instance.
    texts: BTreeMap<String, CString>,
    /// ns by phase since the last report.
    spans: BTreeMap<CString, u64>,
    /// Iterations of the last batch.
    iterations: u64,
    /// What was asked for and is not there.
    refused: Option<String>,
}

impl Services {
    pub(super) fn new(params: toml::Table, page: &'static Page, sink: Arc<PageSink>) -> Self {
        Self {
            params,
            page,
            sink,
            state: Mutex::default(),
        }
    }

    /// The table that the plugin sees; its texts are leaked with it.
    pub(super) fn table(&'static self, spec: &CreateSpec) -> Host {
        let leak = |value: &str| text(value).into_raw().cast_const();
        let cpus: Vec<String> = spec.cpus.iter().map(u32::to_string).collect();
        let device = if spec.device.is_empty() {
            "cpu"
        } else {
            &spec.device
        };
        Host {
            size: size_of::<Host>() as u32,
            abi_rev: C_ABI_REVISION,
            handle: ptr::from_ref(self).expose_provenance() as u64,
            threads: spec.threads.max(1),
            repetition: spec.repetition,
            seed: spec.seed,
            cpu_list: leak(&cpus.join(",")),
            device: leak(device),
            scratch_dir: leak(&spec.scratch_dir),
            param_int,
            param_float,
            param_bool,
            param_text,
            log,
            metric,
            span,
            now_ns,
            progress,
            should_stop,
            ext,
            param_is_set,
        }
    }

    /// Remembers how many iterations the phases of a batch belong to.
    pub(super) fn did(&self, iterations: u64) {
        self.lock().iterations = iterations;
    }

    /// Adds to a phase. Part of what is timed: only a name that is new allocates.
    fn add_span(&self, name: &CStr, ns: u64) {
        let mut state = self.lock();
        match state.spans.get_mut(name) {
            Some(sum) => *sum = sum.saturating_add(ns),
            None => drop(state.spans.insert(name.to_owned(), ns)),
        }
    }

    /// Reports the phases of the last batch per iteration, and begins them anew.
    pub(super) fn report_spans(&self) {
        let mut state = self.lock();
        let iterations = state.iterations.max(1);
        let spans: Vec<(String, u64)> = state
            .spans
            .iter_mut()
            .map(|(name, ns)| (name.to_string_lossy().into_owned(), std::mem::take(ns)))
            .collect();
        drop(state);
        for (name, ns) in spans {
            let name = format!("{}{name}", names::PHASE_PREFIX);
            self.sink.metric(&name, "ns", ns as f64 / iterations as f64);
        }
    }

    /// The last parameter that was asked for in vain, once.
    pub(super) fn refused(&self) -> Option<String> {
        self.lock().refused.take()
    }

    /// A line for whoever looks for a fault.
    pub(super) fn note(&self, message: &str) {
        self.sink
            .log(benchhost_plugin_api::abi::log_level::DEBUG, "host", message);
    }

    fn param(&self, name: &str, wanted: &str, take: impl FnOnce(&toml::Value) -> bool) -> u32 {
        let found = self.params.get(name);
        if found.is_some_and(take) {
            return status::OK;
        }
        let what = match found {
            None => "is not set, or not described".to_owned(),
            Some(value) => format!("is {value}, expected {wanted}"),
        };
        self.lock().refused = Some(format!("parameter `{name}` {what}"));
        status::CONFIG
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `value` as C has it; what comes after a zero byte is lost.
pub(super) fn text(value: &str) -> CString {
    let end = value.find('\0').unwrap_or(value.len());
    CString::new(&value[..end]).unwrap_or_default()
}

/// The text at `pointer`, or nothing for null. What is not UTF-8 is replaced.
///
/// # Safety
/// `pointer` is null or a text that ends with a zero byte.
pub(super) unsafe fn string(pointer: *const c_char) -> Option<String> {
    if pointer.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let text = unsafe { CStr::from_ptr(pointer) };
    Some(text.to_string_lossy().into_owned())
}

/// The state behind the table that a plugin hands back.
///
/// # Safety
/// `host` is the table that `create` was given, or a copy of it.
unsafe fn services(host: *const Host) -> &'static Services {
    // SAFETY: the caller's promise; the handle is that of a leaked `Services`.
    unsafe { &*ptr::with_exposed_provenance((*host).handle as usize) }
}

/// Hands a parameter of one type out to the plugin.
macro_rules! param {
    ($function:ident, $type:ty, $wanted:literal, $pattern:pat => $value:expr) => {
        unsafe extern "C" fn $function(
            host: *const Host,
            name: *const c_char,
            value: *mut $type,
        ) -> u32 {
            // SAFETY: the contract of `bh_host`: the table, a text and a valid place for the value.
            unsafe {
                let name = string(name).unwrap_or_default();
                services(host).param(&name, $wanted, |found| match found {
                    $pattern => {
                        value.write($value);
                        true
                    }
                    _ => false,
                })
            }
        }
    };
}

param!(param_int, i64, "a whole number", toml::Value::Integer(found) => *found);
param!(param_bool, bool, "true or false", toml::Value::Boolean(found) => *found);

unsafe extern "C" fn param_float(host: *const Host, name: *const c_char, value: *mut f64) -> u32 {
    // SAFETY: as above.
    unsafe {
        let name = string(name).unwrap_or_default();
        services(host).param(&name, "a number", |found| {
            let found = found.as_float().or(found.as_integer().map(|n| n as f64));
            found.inspect(|found| value.write(*found)).is_some()
        })
    }
}

unsafe extern "C" fn param_text(
    host: *const Host,
    name: *const c_char,
    value: *mut *const c_char,
) -> u32 {
    // SAFETY: as above; the text that is handed out is kept as long as the instance.
    unsafe {
        let name = string(name).unwrap_or_default();
        let services = services(host);
        services.param(&name, "a text", |found| {
            let found = found
                .as_str()
                .map_or_else(|| found.to_string(), str::to_owned);
            let mut state = services.lock();
            let kept = state
                .texts
                .entry(name.clone())
                .or_insert_with(|| text(&found));
            value.write(kept.as_ptr());
            true
        })
    }
}

unsafe extern "C" fn param_is_set(host: *const Host, name: *const c_char) -> u32 {
    // SAFETY: as above.
    let (services, name) = unsafe { (services(host), string(name)) };
    let is_set = services.params.contains_key(&name.unwrap_or_default());
    u32::from(is_set)
}

unsafe extern "C" fn log(host: *const Host, level: u32, message: *const c_char) {
    // SAFETY: the contract of `bh_host.log`.
    let (services, message) = unsafe { (services(host), string(message)) };
    services
        .sink
        .log(level, "plugin", &message.unwrap_or_default());
}

unsafe extern "C" fn metric(host: *const Host, name: *const c_char, value: f64) {
    // SAFETY: the contract of `bh_host.metric`.
    let (services, name) = unsafe { (services(host), string(name)) };
    services.sink.metric(&name.unwrap_or_default(), "", value);
}

unsafe extern "C" fn span(host: *const Host, name: *const c_char, ns: u64) {
    let name = if name.is_null() {
        c""
    } else {
        // SAFETY: the contract of `bh_host.span`: a text that ends with a zero byte.
        unsafe { CStr::from_ptr(name) }
    };
    // SAFETY: as above.
    unsafe { services(host) }.add_span(name, ns);
}

unsafe extern "C" fn now_ns() -> u64 {
    MonotonicClock.now_ns()
}

unsafe extern "C" fn progress(host: *const Host) {
    // SAFETY: the contract of `bh_host.progress`.
    let services = unsafe { services(host) };
    services.page.progress().fetch_add(1, Relaxed);
}

unsafe extern "C" fn should_stop(host: *const Host) -> u32 {
    // SAFETY: the contract of `bh_host.should_stop`.
    let services = unsafe { services(host) };
    services.page.stop().load(Relaxed)
}

unsafe extern "C" fn ext(_host: *const Host, _id: *const c_char) -> *const c_void {
    ptr::null()
}
