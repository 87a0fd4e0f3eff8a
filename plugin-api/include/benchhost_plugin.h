/* benchhost's door for C, C++ and every language that can export a C constant.
 *
 * Made from plugin-api/src/abi by cbindgen: change it there. A plugin is a shared library that defines
 * `benchhost_plugin_v1`; docs/plugin-abi.md has the rules, `benchhost new NAME --template c` a plugin to begin with.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Version of plugin-api that this header came with. */
#define BH_API_VERSION "1.1.0"

// First eight bytes of the descriptor: `BNCHPLUG` in a little-endian word.
#define BH_MAGIC 5140098457406754370

// Revision of this interface.
#define BH_ABI_REVISION 1

// The workload has nothing more to do (a fixed number of epochs, say); the host takes no further sample.
#define BH_FINISHED 1

// The batch ended early because the host set the stop word.
#define BH_STOPPED 2

// The case is at risk.
#define BH_LOG_ERROR 1

// The number may be less good than it looks.
#define BH_LOG_WARN 2

// Worth knowing.
#define BH_LOG_INFO 3

// For whoever looks for a fault.
#define BH_LOG_DEBUG 4

// Everything went well.
#define BH_OK 0

// Something failed.
#define BH_FAILED 1

// A parameter has a value the workload cannot use.
#define BH_CONFIG 2

// The answer is wrong.
#define BH_WRONG 3

// This machine cannot run the case.
#define BH_UNSUPPORTED 4

// The plugin panicked; the instance must not be used again.
#define BH_PANIC 5

// The instance panicked before and refuses every call.
#define BH_POISONED 6

// What the host gives to an instance. Texts and functions are valid as long as the instance lives.
typedef struct bh_host {
    // `sizeof(bh_host)` as the host knows it.
    uint32_t size;
    // `BH_ABI_REVISION` of the host.
    uint32_t abi_rev;
    // The host's own.
    uint64_t handle;
    // Threads the workload may use.
    uint32_t threads;
    // Index of this repetition, from 0.
    uint32_t repetition;
    // Seed for everything random.
    uint64_t seed;
    // CPUs the process is held to, like `0,1`; empty when it is not.
    const char *cpu_list;
    // `cpu`, `cuda`, `cuda:1`, …
    const char *device;
    // A folder of this instance alone, removed afterwards.
    const char *scratch_dir;
    // A parameter as a whole number. `BH_CONFIG` when there is none of that name and type; the host says so itself.
    uint32_t (*param_int)(const struct bh_host *host, const char *name, int64_t *value);
    // A parameter as a number.
    uint32_t (*param_float)(const struct bh_host *host, const char *name, double *value);
    // A parameter that is true or false.
    uint32_t (*param_bool)(const struct bh_host *host, const char *name, bool *value);
    // A parameter as text; one of another type as TOML.
    uint32_t (*param_text)(const struct bh_host *host, const char *name, const char **value);
    // A line for the log of the case; `level` is one of `BH_LOG_…`.
    void (*log)(const struct bh_host *host, uint32_t level, const char *message);
    // A value of a metric that the description declares; call it in `metrics` alone.
    void (*metric)(const struct bh_host *host, const char *name, double value);
    // Adds `ns` to phase `name` of the batch: the host shows `time.NAME` per iteration.
    void (*span)(const struct bh_host *host, const char *name, uint64_t ns);
    // Monotonic clock in ns, for spans.
    uint64_t (*now_ns)(void);
    // Shows life during a long iteration.
    void (*progress)(const struct bh_host *host);
    // Not 0 when the host wants the batch to end early: return what is done, with `BH_STOPPED`.
    uint32_t (*should_stop)(const struct bh_host *host);
    // Extension by id; null when unknown.
    const void *(*ext)(const struct bh_host *host, const char *id);
    // Not 0 when the parameter has a value: that of the suite, or a default. Ask it for parameters without one.
    uint32_t (*param_is_set)(const struct bh_host *host, const char *name);
} bh_host;

// What one batch did. Written by the plugin; by value, so it never grows: later facts use `reserved`.
typedef struct bh_batch {
    // Size of this struct in bytes, set by the host.
    uint32_t size;
    // Bits like `FINISHED`, set by the plugin.
    uint32_t flags;
    // Iterations done; fewer than asked only together with `FINISHED` or `STOPPED`.
    uint64_t iters_done;
    // Items handled, when the workload counts them itself; else 0.
    uint64_t work_items;
    // Digest of the last iteration.
    uint64_t digest;
    // Time the device reports for the batch in ns; 0 when it reports none. Never the main time.
    uint64_t device_ns;
    // Room for the duration of each iteration in ns, or null.
    uint64_t *each_ptr;
    // How many durations fit.
    uint64_t each_cap;
    // Zero.
    uint64_t reserved[8];
} bh_batch;

// Work of one iteration. Zero is "none" or "not known".
typedef struct bh_work {
    // `sizeof(bh_work)`, set by the host.
    uint32_t size;
    // Zero.
    uint32_t reserved;
    // How many items one iteration handles.
    double items;
    // What an item is, in the plural; a text that lives as long as the plugin, or null.
    const char *item;
    // Floating-point operations of one iteration; a multiply-add is 2.
    double flop;
    // Bytes of memory traffic one iteration cannot avoid.
    double bytes;
} bh_work;

// What a plugin defines, once, as the constant `benchhost_plugin_v1`. Functions that return a `uint32_t` return `BH_OK`
// or another status word; `take_error` is then asked for the sentence. No exception may leave any of them. The host
// drives an instance from one thread at a time; several instances may live at once.
typedef struct bh_plugin {
    // `BH_MAGIC`.
    uint64_t magic;
    // `sizeof(bh_plugin)`.
    uint32_t size;
    // `BH_ABI_REVISION`.
    uint32_t abi_rev;
    // What the plugin offers, as TOML; begin it with `BH_META`. Must be quick and needs no instance.
    const char *(*meta)(void);
    // Makes an instance of `workload`. Read parameters with the functions of `host`, which lives as long as the instance.
    // Cheap; heavy work belongs in `setup`.
    uint32_t (*create)(const struct bh_host *host, const char *workload, void **instance);
    // The timed part: runs `iterations` iterations and fills in `batch`. Waits for its device at the end. Allocates, logs
    // and locks nothing.
    uint32_t (*run_batch)(void *instance, uint64_t iterations, struct bh_batch *batch);
    // The sentence about the last failure, or null; valid until the next call. `instance` is null when `create` made none.
    const char *(*take_error)(void *instance);
    // Releases everything. The last call.
    void (*destroy)(void *instance);
    // Extension by id; null when unknown. May itself be null.
    const void *(*ext)(const char *id);
    // Loads, builds, allocates. Optional, like all that follow.
    uint32_t (*setup)(void *instance);
    // Makes the input of the next batch; untimed.
    uint32_t (*prepare)(void *instance);
    // Proves the answer of the last iteration: `BH_WRONG` voids the measurement. Without it, results are flagged.
    uint32_t (*verify)(void *instance);
    // Says what one iteration does. Asked after `setup`.
    uint32_t (*work)(void *instance, struct bh_work *work);
    // Reports the workload's own metrics with the function `metric` of the host, after each sample; untimed.
    uint32_t (*metrics)(void *instance);
} bh_plugin;

/* Makes a symbol visible in a library that hides its own. */
#if defined(__GNUC__)
#define BH_EXPORT __attribute__((visibility("default")))
#else
#define BH_EXPORT
#endif

/* Makes the compiler believe that `value` (a variable) and all memory is read and written here. In a loop that does the same
 * again and again it stands after the work; without it the work may be done once, or never. */
#if defined(__GNUC__)
#define BH_KEEP(value) __asm__ volatile("" : : "m"(value) : "memory")
#else
#define BH_KEEP(value) ((void)(value))
#endif

#if defined(__clang__)
#define BH_COMPILER "clang " __clang_version__
#elif defined(__GNUC__)
#define BH_COMPILER "gcc " __VERSION__
#else
#define BH_COMPILER ""
#endif

#if defined(__OPTIMIZE__)
#define BH_OPT_LEVEL "1+"
#elif defined(__GNUC__)
#define BH_OPT_LEVEL "0"
#else
#define BH_OPT_LEVEL ""
#endif

/* Beginning of the text that `meta` returns: three string literals without `'`; then come the workloads:
 *
 *   BH_META("sum", "1.0.0", "Adds numbers.")
 *   "[[workloads]]\n"
 *   "name = 'sum'\n"
 *   "[[workloads.params]]\n"
 *   "name = 'length'\n"
 *   "default = 1024\n"
 */
#define BH_META(name, version, summary)                                                                                \
    "schema = 1\nname = '" name "'\nversion = '" version "'\nsummary = '" summary "'\napi = '" BH_API_VERSION       \
    "'\n[build]\ncompiler = '''" BH_COMPILER "'''\nopt_level = '" BH_OPT_LEVEL "'\n"

#ifdef __cplusplus
extern "C" {
#endif

/* What a plugin defines. */
extern BH_EXPORT const bh_plugin benchhost_plugin_v1;

#ifdef __cplusplus
}
#endif
