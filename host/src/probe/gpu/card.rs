//! One GPU and what it can be asked: every question is optional, because drivers, generations and containers differ.

use std::collections::BTreeMap;

use nvml_wrapper::{
    Device,
    bitmasks::device::ThrottleReasons,
    enum_wrappers::device::{Clock, TemperatureSensor},
    enums::device::{SampleValue, UsedGpuMemory},
    error::NvmlError,
    structs::device::FieldId,
    sys_exports::field_id::NVML_FI_DEV_POWER_INSTANT,
};

use super::{library::Library, process::Listed};

/// What a GPU can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// Energy since the driver was loaded.
    Energy,
    /// Power at this moment.
    InstantPower,
    /// Power, averaged over the last second on newer GPUs.
    Power,
    Utilisation,
    Memory,
    Clock,
    Temperature,
    Throttling,
    Processes,
}

/// The cheap answers of one moment; what was not answered is absent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Look {
    pub(super) power_w: Option<f64>,
    /// Share of the time with work, 0–1.
    pub(super) busy: Option<f64>,
    /// Share of the time with memory traffic, 0–1.
    pub(super) memory_busy: Option<f64>,
    pub(super) memory_used_bytes: Option<u64>,
    /// Of the multiprocessors.
    pub(super) clock_mhz: Option<u32>,
    pub(super) memory_clock_mhz: Option<u32>,
    pub(super) temperature_c: Option<u32>,
    pub(super) throttling: Option<ThrottleReasons>,
}

/// One GPU.
#[derive(Debug)]
pub(super) struct Card<'lib> {
    device: Device<'lib>,
    pub(super) index: u32,
    pub(super) name: String,
    /// Why a question is not asked.
    unanswered: BTreeMap<Question, String>,
}

impl<'lib> Card<'lib> {
    /// The GPU `index`, asked everything once to know what it answers.
    ///
    /// # Errors
    /// A sentence for people.
    pub(super) fn open(library: &'lib Library, index: u32) -> Result<Self, String> {
        let device = library.nvml().device_by_index(index);
        let device = device.map_err(|error| format!("GPU {index}: {}", reason(&error)))?;
        let mut card = Self {
            index,
            name: device.name().unwrap_or_else(|_| "unknown".to_owned()),
            device,
            unanswered: BTreeMap::new(),
        };
        let first_answers = [
            (
                Question::Energy,
                card.device.total_energy_consumption().err(),
            ),
            (Question::InstantPower, instant_power_w(&card.device).err()),
            (Question::Power, card.device.power_usage().err()),
            (Question::Utilisation, card.device.utilization_rates().err()),
            (Question::Memory, card.device.memory_info().err()),
            (Question::Clock, card.device.clock_info(Clock::SM).err()),
            (
                Question::Temperature,
                card.device.temperature(TemperatureSensor::Gpu).err(),
            ),
            (
                Question::Throttling,
                card.device.current_throttle_reasons().err(),
            ),
            (
                Question::Processes,
                card.device.running_compute_processes().err(),
            ),
        ];
        for (question, error) in first_answers {
            if let Some(error) = error {
                card.unanswered.insert(question, reason(&error));
            }
        }
        Ok(card)
    }

    /// Why the question is not answered; `None` when it is.
    pub(super) fn why_not(&self, question: Question) -> Option<&str> {
        self.unanswered.get(&question).map(String::as_str)
    }

    /// Asks, unless the GPU is known not to answer: some questions are slow to be refused.
    fn ask<T>(
        &self,
        question: Question,
        answer: impl FnOnce(&Device<'lib>) -> Result<T, NvmlError>,
    ) -> Option<T> {
        match self.why_not(question) {
            None => answer(&self.device).ok(),
            Some(_) => None,
        }
    }

    /// Everything that is cheap to read.
    pub(super) fn look(&self) -> Look {
        let power_w = self.ask(Question::InstantPower, instant_power_w);
        let power_w = power_w.or_else(|| self.ask(Question::Power, power_w_of));
        let busy = self.ask(Question::Utilisation, Device::utilization_rates);
        Look {
            power_w,
            busy: busy.as_ref().map(|rates| f64::from(rates.gpu) / 100.0),
            memory_busy: busy.map(|rates| f64::from(rates.memory) / 100.0),
            memory_used_bytes: self
                .ask(Question::Memory, Device::memory_info)
                .map(|memory| memory.used),
            clock_mhz: self.ask(Question::Clock, |gpu| gpu.clock_info(Clock::SM)),
            memory_clock_mhz: self.ask(Question::Clock, |gpu| gpu.clock_info(Clock::Memory)),
            temperature_c: self.ask(Question::Temperature, |gpu| {
                gpu.temperature(TemperatureSensor::Gpu)
            }),
            throttling: self.ask(Question::Throttling, Device::current_throttle_reasons),
        }
    }

    /// Energy since the driver was loaded, mJ.
    pub(super) fn energy_mj(&self) -> Option<u64> {
        self.ask(Question::Energy, Device::total_energy_consumption)
    }

    /// The processes that compute on it. Takes the driver's global lock for milliseconds.
    pub(super) fn processes(&self) -> Option<Vec<Listed>> {
        let listed = self.ask(Question::Processes, Device::running_compute_processes)?;
        let listed = listed.into_iter().map(|process| Listed {
            pid: process.pid,
            memory_bytes: match process.used_gpu_memory {
                UsedGpuMemory::Used(bytes) => Some(bytes),
                UsedGpuMemory::Unavailable => None,
            },
        });
        Some(listed.collect())
    }
}

fn power_w_of(device: &Device<'_>) -> Result<f64, NvmlError> {
    Ok(f64::from(device.power_usage()?) / 1000.0)
}

/// Field 186 of NVML, in newer drivers only.
fn instant_power_w(device: &Device<'_>) -> Result<f64, NvmlError> {
    let values = device.field_values_for(&[FieldId(NVML_FI_DEV_POWER_INSTANT)])?;
    let value = values.into_iter().next().ok_or(NvmlError::NoData)??.value?;
    let milliwatts = match value {
        SampleValue::F64(value) => value,
        SampleValue::U32(value) => f64::from(value),
        SampleValue::U64(value) => value as f64,
        SampleValue::I64(value) => value as f64,
    };
    Ok(milliwatts / 1000.0)
}

/// Why a question is not answered, for people.
fn reason(error: &NvmlError) -> String {
    match error {
        NvmlError::NotSupported => {
            "this GPU, or this way of sharing it, does not offer it".to_owned()
        }
        NvmlError::FailedToLoadSymbol(_) | NvmlError::FunctionNotFound => {
            "the library of this driver has no function for it; a newer driver may".to_owned()
        }
        NvmlError::NoPermission => "this user may not ask for it".to_owned(),
        other => other.to_string(),
    }
}
