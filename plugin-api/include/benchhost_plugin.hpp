/* benchhost's door for C++17: classes on top of benchhost_plugin.h, in this header alone.
 *
 * It keeps exceptions inside, holds the batch loop, so that `iterate` is inlined into it, and makes the descriptor.
 * docs/plugin-abi.md has the rules and a listing to begin with; plugin-api/examples/cpp is a whole plugin.
 */

#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "benchhost_plugin.h"

namespace benchhost {

/// What an entry throws to end the case: one of the four below. Message: lower case, no final stop.
struct Error : std::runtime_error {
    Error(std::uint32_t word, const std::string &message) : std::runtime_error(message), status(word) {}
    std::uint32_t status;
};
template <std::uint32_t Status> struct Fault : Error {
    explicit Fault(const std::string &message) : Error(Status, message) {}
};
/// Something failed: a file, a device, a library. So does any exception of another type.
using Failed = Fault<BH_FAILED>;
/// A parameter has a value the workload cannot use.
using Config = Fault<BH_CONFIG>;
/// The answer is wrong: say what was found and what was expected.
using Wrong = Fault<BH_WRONG>;
/// This machine cannot run the case; it is skipped, not failed.
using Unsupported = Fault<BH_UNSUPPORTED>;

/// Makes the compiler believe that `value`, and all memory, is read: what nobody reads is not computed.
inline void keep() { asm volatile("" : : : "memory"); }
template <class T> inline void keep(const T &value) { asm volatile("" : : "m"(value) : "memory"); }

/// A phase of the iteration, as long as the object lives; shown as metric `time.NAME`. Two looks at the clock.
struct [[nodiscard]] Span {
    Span(const bh_host *where, const char *phase) : host(where), name(phase), started(where->now_ns()) {}
    Span(const Span &) = delete;
    ~Span() { host->span(host, name, host->now_ns() - started); }
    const bh_host *const host;
    const char *const name;
    const std::uint64_t started;
};

/// Where an instance runs, and how it talks back; lives as long as the workload. `host->seed` and other fields of
/// `bh_host` are read through the arrow.
class Host {
public:
    explicit Host(const bh_host *raw) : raw_(raw) {}
    Host(const Host &) = delete;
    const bh_host *operator->() const { return raw_; }
    /// Whether parameter `name` has a value: that of the suite, or a default.
    bool is_set(const char *name) const { return raw_->param_is_set(raw_, name) != 0; }
    /// Parameter `name` as a number, `bool` or `std::string`; its default when the suite is silent.
    template <class T> T param(const char *name) const {
        if constexpr (std::is_same_v<T, bool>) {
            return ask(raw_->param_bool, name);
        } else if constexpr (std::is_floating_point_v<T>) {
            return static_cast<T>(ask(raw_->param_float, name));
        } else if constexpr (std::is_integral_v<T>) {
            const std::int64_t value = ask(raw_->param_int, name);
            const T fitting = static_cast<T>(value);
            if (static_cast<std::int64_t>(fitting) != value || (fitting < T{}) != (value < 0)) {
                throw Config(std::string("parameter `") + name + "` is " + std::to_string(value) +
                             ", which the plugin's type for it cannot hold");
            }
            return fitting;
        } else {
            static_assert(std::is_same_v<T, std::string>, "a parameter is a number, bool or std::string");
            return ask(raw_->param_text, name);
        }
    }
    Span span(const char *name) const { return Span(raw_, name); }
    /// A value of a metric that `about` declares, for the sample just taken. In `metrics` alone.
    void metric(const char *name, double value) const { raw_->metric(raw_, name, value); }
    /// A line for the log of the case; `warn`: the number may be less good than it looks.
    void log(const std::string &line) const { raw_->log(raw_, BH_LOG_INFO, line.c_str()); }
    void warn(const std::string &line) const { raw_->log(raw_, BH_LOG_WARN, line.c_str()); }
    /// Shows life during a long iteration, which also looks at `should_stop` now and then and returns what it has.
    void progress() const { raw_->progress(raw_); }
    bool should_stop() const { return raw_->should_stop(raw_) != 0; }
    /// There is nothing more to do after this iteration.
    void finish() const { finished_ = true; }
    bool finished() const { return finished_; }

private:
    template <class V> V ask(std::uint32_t (*read)(const bh_host *, const char *, V *), const char *name) const {
        V value{};
        if (const std::uint32_t status = read(raw_, name, &value); status != BH_OK) {
            throw Error(status, ""); // The host has the sentence.
        }
        return value;
    }
    const bh_host *const raw_;
    mutable bool finished_ = false;
};

/// Work of one iteration; what is not known stays 0.
struct Work {
    double items = 0;
    const char *item = nullptr; ///< What an item is, in the plural.
    double flop = 0, bytes = 0;
};

/// Derive from it; add the constants `name` and `about` (the workload's TOML) and `iterate()`, whose value is kept, or,
/// for a device that is given many at once, `std::uint64_t run(std::uint64_t iterations)`. The rest is optional.
class Workload {
public:
    explicit Workload(const Host &where) : host(where) {}
    Workload(const Workload &) = delete;
    virtual ~Workload() = default;
    virtual void setup() {}       ///< Loads, builds, allocates.
    virtual void prepare() {}     ///< Makes the input of the next batch, untimed.
    virtual void synchronise() {} ///< Waits for a device at the end of the batch, timed.
    virtual void verify() {}      ///< Throws `Wrong` unless the last answer is right. Without it results are flagged.
    virtual Work work() { return {}; }
    virtual void metrics() {} ///< Calls `host.metric` for what `about` declares.

protected:
    const Host &host;
};

// Hidden, so that two plugins in one process share none of its statics, whatever the flags.
namespace detail __attribute__((visibility("hidden"))) {
/// Runs `body`; whatever it throws becomes a status word and a sentence.
template <class Body> std::uint32_t guarded(std::string &error, Body body) noexcept {
    error.clear();
    try {
        body();
        return BH_OK;
    } catch (const Error &thrown) {
        error = thrown.what();
        return thrown.status;
    } catch (const std::exception &thrown) {
        error = thrown.what();
    } catch (...) {
        error = "an exception that is no std::exception";
    }
    return BH_FAILED;
}

/// An instance, whatever its class.
struct Any {
    explicit Any(const bh_host *raw) : host(raw) {}
    virtual ~Any() = default;
    virtual Workload &workload() = 0;
    virtual void run(std::uint64_t iterations, bh_batch &batch) = 0;
    Host host;
    std::string error;
};

template <class T, class = void> struct Runs : std::false_type {};
template <class T> struct Runs<T, std::void_t<decltype(std::declval<T &>().run(0))>> : std::true_type {};

template <class T> struct Instance final : Any {
    explicit Instance(const bh_host *raw) : Any(raw), it(host) {}
    Workload &workload() override { return it; }
    void run(std::uint64_t iterations, bh_batch &batch) override {
        std::uint64_t done = 0;
        if constexpr (Runs<T>::value) {
            done = it.run(iterations);
        } else {
            do { // The stop word is looked at 64 times a batch: a call an iteration would be much of a short one.
                const std::uint64_t until = std::min(iterations, done + iterations / 64 + 1);
                for (; done < until && !host.finished(); ++done) {
                    if constexpr (std::is_void_v<decltype(it.iterate())>) {
                        it.iterate();
                        keep();
                    } else {
                        keep(it.iterate());
                    }
                }
            } while (done < iterations && !host.finished() && !host.should_stop());
        }
        it.T::synchronise();
        batch.iters_done = done;
        batch.flags = host.finished() ? BH_FINISHED : done < iterations && host.should_stop() ? BH_STOPPED : 0;
    }
    T it;
};

/// Whether an entry is overridden: the pointer to an inherited member has the type of `Workload`'s.
template <class Base, class Entry> constexpr bool overrides(Base, Entry) { return !std::is_same_v<Base, Entry>; }

template <class... Ts> struct Plugin {
    static std::string &create_error() noexcept {
        static thread_local std::string error;
        return error;
    }
    static Any &of(void *instance) noexcept { return *static_cast<Any *>(instance); }
    template <void (Workload::*Entry)()> static std::uint32_t call(void *instance) noexcept {
        return guarded(of(instance).error, [&] { (of(instance).workload().*Entry)(); });
    }
    template <class T> static std::string about() {
        const char *verifies = overrides(&Workload::verify, &T::verify) ? "true\n" : "false\n";
        return std::string("[[workloads]]\nname = '") + T::name + "'\nverifies = " + verifies + T::about + '\n';
    }
    static const char *meta(const char *head) noexcept {
        static const std::string text = (std::string(head) + ... + about<Ts>());
        return text.c_str();
    }
    template <class T> static Any *make(const bh_host *host) { return new Instance<T>(host); }
    static std::uint32_t create(const bh_host *host, const char *workload, void **instance) noexcept {
        return guarded(create_error(), [&] {
            Any *made = nullptr;
            if (!((std::strcmp(workload, Ts::name) == 0 && (made = make<Ts>(host))) || ...)) {
                throw Config(std::string("there is no workload `") + workload + "`");
            }
            *instance = made;
        });
    }
    static std::uint32_t run_batch(void *instance, std::uint64_t iterations, bh_batch *batch) noexcept {
        return guarded(of(instance).error, [&] { of(instance).run(iterations, *batch); });
    }
    static const char *take_error(void *instance) noexcept {
        const std::string &error = instance != nullptr ? of(instance).error : create_error();
        return error.empty() ? nullptr : error.c_str();
    }
    static void destroy(void *instance) noexcept { delete static_cast<Any *>(instance); }
    static std::uint32_t work(void *instance, bh_work *out) noexcept {
        return guarded(of(instance).error, [&] {
            const Work work = of(instance).workload().work();
            out->items = work.items, out->item = work.item, out->flop = work.flop, out->bytes = work.bytes;
        });
    }    /// An entry that no workload overrides is null: the host must not take an empty `verify` for a proof.
    static constexpr bh_plugin descriptor(const char *(*describe)()) {
        using W = Workload;
        return {BH_MAGIC, sizeof(bh_plugin), BH_ABI_REVISION, describe, create, run_batch, take_error, destroy, nullptr,
                (overrides(&W::setup, &Ts::setup) || ...) ? call<&W::setup> : nullptr,
                (overrides(&W::prepare, &Ts::prepare) || ...) ? call<&W::prepare> : nullptr,
                (overrides(&W::verify, &Ts::verify) || ...) ? call<&W::verify> : nullptr,
                (overrides(&W::work, &Ts::work) || ...) ? work : nullptr,
                (overrides(&W::metrics, &Ts::metrics) || ...) ? call<&W::metrics> : nullptr};
    }
};
}} // namespace benchhost::detail

/// Makes the library a plugin: name, version, one sentence without `'`, its workloads. Once, outside any namespace.
#define BENCHHOST_PLUGIN(plugin, version, summary, ...)                                                                \
    constexpr bh_plugin benchhost_plugin_v1 = benchhost::detail::Plugin<__VA_ARGS__>::descriptor(                      \
        +[]() noexcept -> const char * {                                                                               \
            return benchhost::detail::Plugin<__VA_ARGS__>::meta(BH_META(plugin, version, summary));                    \
        })
