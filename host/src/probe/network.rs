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
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;
    use crate::probe::tree::FakeTree;

    fn dev(lines: &[(&str, u64)]) -> String {
        let mut text = "Inter-|   Receive |  Transmit\n face |bytes    packets errs\n".to_owned();
        for (name, n) in lines {
            let (packets, sent, sent_packets) = (n + 1, n * 2, n * 3);
            text +=
                &format!("{name:>6}:{n} {packets} 0 0 0 0 0 0 {sent} {sent_packets} 0 0 0 0 0 0\n");
        }
        text
    }

    fn process(fake: &FakeTree, pid: u32, namespace: &str, lines: &[(&str, u64)]) {
        fake.write(&format!("proc/{pid}/net/dev"), dev(lines));
        fs::create_dir_all(fake.path().join(format!("proc/{pid}/ns"))).unwrap();
        let _ = symlink(namespace, fake.path().join(format!("proc/{pid}/ns/net")));
    }

    fn target(pids: &[u32]) -> Target {
        Target {
            pids: pids.to_vec(),
            cpus: Vec::new(),
        }
    }

    fn value(readings: &[Reading], name: &str) -> Option<f64> {
        let reading = readings
            .iter()
            .find(|reading| reading.metric.name == name)?;
        Some(reading.value)
    }

    #[test]
    fn loopback_is_counted_apart_and_a_namespace_once() {
        let fake = FakeTree::new();
        let both = |fake: &FakeTree, n: u64| {
            for pid in [7, 8] {
                process(
                    fake,
                    pid,
                    "net:[1]",
                    &[("lo", n), ("eth0", n * 10), ("wlan0", 0)],
                );
            }
        };
        both(&fake, 100);
        let mut probe = NetworkProbe::open(fake.tree(), 7).unwrap();

        probe.begin(&target(&[7, 8]));
        both(&fake, 103);
        let readings = probe.end(1);

        assert_eq!(value(&readings, "network-received"), Some(30.0));
        assert_eq!(value(&readings, "network-sent"), Some(60.0));
        assert_eq!(value(&readings, "network-received-packets"), Some(30.0));
        assert_eq!(value(&readings, "network-sent-packets"), Some(90.0));
        assert_eq!(value(&readings, "network-loopback"), Some(3.0));
        assert_eq!(value(&readings, "network-loopback-packets"), Some(3.0));
    }

    #[test]
    fn namespaces_are_summed_and_one_that_is_gone_contributes_nothing() {
        let fake = FakeTree::new();
        let at = |pid, n| process(&fake, pid, &format!("net:[{pid}]"), &[("eth0", n)]);
        at(7, 0);
        at(8, 0);
        let mut probe = NetworkProbe::open(fake.tree(), 7).unwrap();

        probe.begin(&target(&[7, 8]));
        at(7, 5);
        at(8, 6);
        let both = probe.end(1);
        probe.begin(&target(&[7, 8]));
        fake.end(8);
        at(7, 7);
        let one = probe.end(1);

        assert_eq!(value(&both, "network-received"), Some(11.0));
        assert_eq!(value(&one, "network-received"), Some(2.0));
        assert_eq!(probe.missing().len(), 2, "no loopback there");
    }

    #[test]
    fn a_counter_that_wrapped_and_an_interface_that_came_are_left_out() {
        let fake = FakeTree::new();
        process(&fake, 7, "net:[1]", &[("eth0", 4_294_967_290), ("eth1", 1)]);
        let mut probe = NetworkProbe::open(fake.tree(), 7).unwrap();

        probe.begin(&target(&[7]));
        process(
            &fake,
            7,
            "net:[1]",
            &[("eth0", 4), ("eth1", 2), ("eth2", 900)],
        );

        assert_eq!(value(&probe.end(1), "network-received"), Some(1.0));
    }

    #[test]
    fn no_file_and_no_interface_are_sentences() {
        let fake = FakeTree::new();
        fake.write("proc/8/net/dev", dev(&[]))
            .write("proc/9/net/dev", "eth0: x y\n");

        let open = |pid| NetworkProbe::open(fake.tree(), pid).unwrap_err();

        assert!(open(7).contains("/proc/7/net/dev cannot be read"));
        assert!(open(8).contains("lists no interface"));
        assert!(open(9).contains("lists no interface"));
    }
}
