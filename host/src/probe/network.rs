//! What went over the network, of the namespace that the workers are in: the kernel does not count it by process.

use std::{collections::BTreeMap, fs};

use benchhost_record::{Direction, Reading};

use super::{
    Missing, Probe, Quantity, Target,
    counters::{Edge, Newcomer},
    offer::{Offer, Offers, Values},
    tree::Tree,
};

/// The interface of the machine with itself.
const LOOPBACK: &str = "lo";

/// Counters of a namespace, in this order.
const NAMES: [&str; 6] = [
    "network-received",
    "network-sent",
    "network-received-packets",
    "network-sent-packets",
    "network-loopback",
    "network-loopback-packets",
];

const ABSENT: &str = "/proc/PID/net/dev lists no such interface: add one to the network namespace";

const TRAFFIC: Offer = Offer {
    direction: Direction::Neither,
    resolution: "1 B",
    source: "/proc/PID/net/dev of the network namespace, all its processes together: all interfaces but lo, and what \
             passes through several counts at each",
    absent: ABSENT,
    ..Offer::count(NAMES[0], "B")
};

const PACKETS: Offer = Offer {
    unit: "packets",
    resolution: "1",
    ..TRAFFIC
};

const LOOPED: &str =
    "/proc/PID/net/dev of the network namespace, all its processes together: lo, each packet once";

const ALL: [Offer; 6] = [
    TRAFFIC,
    Offer {
        name: NAMES[1],
        ..TRAFFIC
    },
    Offer {
        name: NAMES[2],
        ..PACKETS
    },
    Offer {
        name: NAMES[3],
        ..PACKETS
    },
    Offer {
        name: NAMES[4],
        source: LOOPED,
        ..TRAFFIC
    },
    Offer {
        name: NAMES[5],
        source: LOOPED,
        ..PACKETS
    },
];

/// Reads the interfaces of network namespaces.
#[derive(Debug)]
pub(super) struct NetworkProbe {
    tree: Tree,
    offers: Offers,
    begun: Option<(Vec<u32>, Edge<Interface, 4>)>,
}

/// Namespace, as the kernel names it, and interface.
type Interface = (String, String);

impl NetworkProbe {
    /// Opens it; `pid`: a process that may be looked at, to try.
    ///
    /// # Errors
    /// Why nothing can be read, and a way out.
    pub(super) fn open(tree: Tree, pid: u32) -> Result<Self, String> {
        let text = tree.of_process(pid, "net/dev").map_err(|error| {
            format!("/proc/{pid}/net/dev cannot be read ({error}): use a kernel with CONFIG_NET, and mount /proc")
        })?;
        let offers = Offers::split(&ALL, &values(&edge_of("", &text), &edge_of("", &text)));
        if offers.quantities.is_empty() {
            return Err(format!(
                "/proc/{pid}/net/dev lists no interface: add one to the network namespace, `ip link set lo up`"
            ));
        }
        Ok(Self {
            tree,
            offers,
            begun: None,
        })
    }

    /// Each interface once, however many of the processes are in its namespace. Where the kernel does not say which
    /// namespace a process is in, it counts as that of the others.
    fn edge(&self, pids: &[u32]) -> Edge<Interface, 4> {
        let mut namespaces = BTreeMap::new();
        for pid in pids {
            let link = self.tree.root().join(format!("proc/{pid}/ns/net"));
            let namespace = fs::read_link(link).map_or_else(
                |_| String::new(),
                |name| name.to_string_lossy().into_owned(),
            );
            if let Ok(text) = self.tree.of_process(*pid, "net/dev") {
                namespaces.entry(namespace).or_insert(text);
            }
        }
        let interfaces = namespaces
            .iter()
            .flat_map(|(name, text)| interfaces(name, text));
        interfaces.collect()
    }
}

fn edge_of(namespace: &str, text: &str) -> Edge<Interface, 4> {
    interfaces(namespace, text).collect()
}

/// Bytes and packets, received and sent, of each interface: `eth0: 1 2 0 0 0 0 0 0 3 4 …`.
fn interfaces(namespace: &str, text: &str) -> impl Iterator<Item = (Interface, [Option<u64>; 4])> {
    text.lines().filter_map(move |line| {
        // Two lines of headings have no colon. Names of interfaces may have one (aliases), figures do not.
        let (name, figures) = line.rsplit_once(':')?;
        let figures: Vec<&str> = figures.split_ascii_whitespace().collect();
        let figure = |at: usize| figures.get(at)?.parse().ok();
        let interface = (namespace.to_owned(), name.trim().to_owned());
        Some((interface, [0, 8, 1, 9].map(figure)))
    })
}

fn values(now: &Edge<Interface, 4>, then: &Edge<Interface, 4>) -> Values {
    let is_loopback = |(_, name): &Interface| name == LOOPBACK;
    let sum = |of_loopback: bool| {
        let [now, then] =
            [now, then].map(|edge| edge.only(|owner| is_loopback(owner) == of_loopback));
        now.growth_since(&then, Newcomer::Unknown)
    };
    let (outside, inside) = (sum(false), sum(true));
    // What is sent to oneself is received by oneself: one of the two is all of it.
    let all = outside.into_iter().chain([inside[0], inside[2]]);
    let number = |value: Option<u64>| value.map(|value| value as f64);
    NAMES.into_iter().zip(all.map(number)).collect()
}

impl Probe for NetworkProbe {
    fn name(&self) -> &'static str {
        "network"
    }

    fn quantities(&self) -> Vec<Quantity> {
        self.offers.quantities.clone()
    }

    fn missing(&self) -> Vec<Missing> {
        self.offers.missing.clone()
    }

    fn begin(&mut self, target: &Target) {
        self.begun = Some((target.pids.clone(), self.edge(&target.pids)));
    }

    fn end(&mut self, _elapsed_ns: u64) -> Vec<Reading> {
        let Some((pids, begun)) = self.begun.take() else {
            return Vec::new();
        };
        self.offers.readings(&values(&self.edge(&pids), &begun))
    }
}

#[cfg(test)]
mod tests;
