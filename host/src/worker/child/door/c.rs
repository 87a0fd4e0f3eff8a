//! The door for C: function pointers of a checked descriptor.

#![allow(
    unsafe_code,
    reason = "functions of a C library are called, and call back, through raw pointers"
)]

use std::{ffi::c_void, ptr, sync::Arc};

use benchhost_plugin_api::abi::{
    BatchOut,
    c::{Descriptor, Host, WorkOut},
    status,
};
use benchhost_record::Work;

use super::{Door, rust::batch};
use crate::{
    measure::Batch,
    worker::{
        child::{Failure, PageSink},
        message::CreateSpec,
        page::Page,
    },
};

mod services;

use services::Services;

/// An instance of a C plugin.
struct Instance {
    descriptor: Descriptor,
    instance: *mut c_void,
    /// Leaked: the plugin may hold on to it for ever.
    services: &'static Services,
    destroyed: bool,
}

// SAFETY: the contract of the descriptor: an instance is driven by one thread at a time, whichever that is.
unsafe impl Send for Instance {}

/// Makes an instance.
pub(super) fn create(
    descriptor: &Descriptor,
    params: toml::Table,
    spec: &CreateSpec,
    page: &'static Page,
    sink: Arc<PageSink>,
) -> Result<Box<dyn Door>, Failure> {
    let services: &'static Services = Box::leak(Box::new(Services::new(params, page, sink)));
    let host: &'static Host = Box::leak(Box::new(services.table(spec)));
    let mut made = Instance {
        descriptor: *descriptor,
        instance: ptr::null_mut(),
        services,
        destroyed: true,
    };
    let workload = services::text(&spec.workload);
    let code = match descriptor.create {
        // SAFETY: the contract of `bh_plugin.create`; all three pointers are valid, the first one for ever.
        Some(create) => unsafe { create(host, workload.as_ptr(), &raw mut made.instance) },
        None => status::FAILED,
    };
    made.check("create", code)?;
    made.destroyed = false;
    if made.instance.is_null() {
        // A workload without state may do without an instance; it is told apart by nobody.
        services.note("create made no instance (a null pointer)");
    }
    Ok(Box::new(made))
}

impl Instance {
    /// Turns a status word into the sentence of the plugin, or of the host where the fault was told to it.
    fn check(&self, function: &str, code: u32) -> Result<(), Failure> {
        if code == status::OK {
            return Ok(());
        }
        let said = self.descriptor.take_error.and_then(|take_error| {
            // SAFETY: the contract of `bh_plugin.take_error`: any instance of this plugin or null.
            unsafe { services::string(take_error(self.instance)) }
        });
        let (said, refused) = (
            said.filter(|text| !text.is_empty()),
            self.services.refused(),
        );
        let message = match (said, refused) {
            (Some(said), _) => said,
            (None, Some(refused)) if code == status::CONFIG => refused,
            (None, _) => format!(
                "`{function}` returned {}, and no sentence about it",
                named(code)
            ),
        };
        Err(Failure::of_plugin(code, message, String::new()))
    }

    /// Calls an optional entry that takes the instance alone.
    fn call(
        &self,
        name: &str,
        entry: Option<unsafe extern "C" fn(*mut c_void) -> u32>,
    ) -> Result<(), Failure> {
        // SAFETY: the contract of the entries of `bh_plugin`: the instance that `create` made, not yet destroyed.
        let code = entry.map_or(status::OK, |entry| unsafe { entry(self.instance) });
        self.check(name, code)
    }

    fn destroy(&mut self) {
        if let (Some(destroy), false) = (self.descriptor.destroy, self.destroyed) {
            self.destroyed = true;
            // SAFETY: the contract of `bh_plugin.destroy`; called once, after which nothing else is.
            unsafe { destroy(self.instance) };
        }
    }
}

/// A status word as authors write it.
fn named(code: u32) -> String {
    match code {
        status::FAILED => "BH_FAILED".to_owned(),
        status::CONFIG => "BH_CONFIG".to_owned(),
        status::WRONG => "BH_WRONG".to_owned(),
        status::UNSUPPORTED => "BH_UNSUPPORTED".to_owned(),
        status::PANIC => "BH_PANIC".to_owned(),
        status::POISONED => "BH_POISONED".to_owned(),
        other => format!("{other}, which is no status word"),
    }
}

impl Door for Instance {
    fn setup(&mut self) -> Result<Work, Failure> {
        self.call("setup", self.descriptor.setup)?;
        let mut out = WorkOut {
            size: size_of::<WorkOut>() as u32,
            reserved: 0,
            items: 0.0,
            item: ptr::null(),
            flop: 0.0,
            bytes: 0.0,
        };
        if let Some(work) = self.descriptor.work {
            // SAFETY: the contract of `bh_plugin.work`: the instance, and a sheet that is valid for the call.
            let code = unsafe { work(self.instance, &raw mut out) };
            self.check("work", code)?;
        }
        Ok(Work {
            items: out.items,
            // SAFETY: the contract of `bh_work.item`: null or a text that lives as long as the plugin.
            item: unsafe { services::string(out.item) }.unwrap_or_default(),
            flop: out.flop,
            bytes: out.bytes,
        })
    }

    fn prepare(&mut self) -> Result<(), Failure> {
        self.call("prepare", self.descriptor.prepare)
    }

    fn run(&mut self, n: u64) -> Result<Batch, Failure> {
        let mut out = BatchOut::new();
        let code = match self.descriptor.run_batch {
            // SAFETY: the contract of `bh_plugin.run_batch`: the instance, and a sheet that is valid for the call.
            Some(run_batch) => unsafe { run_batch(self.instance, n, &raw mut out) },
            None => status::FAILED,
        };
        self.check("run_batch", code)?;
        self.services.did(out.iters_done);
        Ok(batch(&out))
    }

    fn flush(&mut self) -> Result<(), Failure> {
        self.services.report_spans();
        self.call("metrics", self.descriptor.metrics)
    }

    fn verify(&mut self) -> Result<(), Failure> {
        self.call("verify", self.descriptor.verify)
    }

    fn teardown(&mut self) -> Result<(), Failure> {
        self.destroy();
        Ok(())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.destroy();
    }
}
