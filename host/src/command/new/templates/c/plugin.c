/* {{ name }}: the dot product of two vectors, in two ways. Replace it with what you want to measure. */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchhost_plugin.h"

/* One instance of the workload. Several may live at once, so everything is in here. */
typedef struct dot {
    const bh_host *host;
    size_t length;
    bool lanes;
    float *left;
    float *right;
    float found;
    char error[160];
} dot;

/* What the plugin offers, as TOML. A suite may set what stands in `params`; anything else is refused. */
static const char *meta(void)
{
    return BH_META("{{ name }}", "0.1.0", "The dot product of two vectors, in two ways.")
        "[[workloads]]\n"
        "name = 'dot'\n"
        "summary = 'The dot product of two vectors of random numbers.'\n"
        "[[workloads.params]]\n"
        "name = 'length'\n"
        "default = 4096\n"
        "min = 1\n"
        "max = 1e9\n"
        "unit = 'values'\n"
        "help = 'numbers in each vector'\n"
        "[[workloads.params]]\n"
        "name = 'method'\n"
        "default = 'plain'\n"
        "choices = ['plain', 'lanes']\n"
        "help = 'one sum, or sixteen side by side'\n"
        "[[workloads.metrics]]\n"
        "name = 'error'\n"
        "unit = '1'\n"
        "direction = 'lower'\n"
        "kind = 'quality'\n"
        "help = 'difference from the exact product, relative'\n";
}

/* Keeps a sentence for `take_error` and returns `status`: how every function here fails. */
static uint32_t fail(dot *self, uint32_t status, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(self->error, sizeof self->error, format, values);
    va_end(values);
    return status;
}

/* Cheap: reads the parameters, whose defaults and limits are those of `meta`, and remembers the host. */
static uint32_t create(const bh_host *host, const char *workload, void **instance)
{
    (void)workload; /* There is one. */
    int64_t length = 0;
    const char *method = "";
    uint32_t status = host->param_int(host, "length", &length);
    if (status == BH_OK) {
        status = host->param_text(host, "method", &method);
    }
    if (status != BH_OK) {
        return status; /* The host knows what is wrong with a parameter. */
    }
    dot *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return BH_FAILED;
    }
    self->host = host;
    self->length = (size_t)length;
    self->lanes = strcmp(method, "lanes") == 0;
    *instance = self;
    return BH_OK;
}

/* `count` numbers in -1…1 from `state`, which moves on (xorshift64*, Vigna 2016); null when there is no memory. */
static float *random_numbers(size_t count, uint64_t *state)
{
    float *numbers = malloc(count * sizeof *numbers);
    *state |= 1;
    for (size_t i = 0; numbers != NULL && i < count; ++i) {
        *state ^= *state >> 12;
        *state ^= *state << 25;
        *state ^= *state >> 27;
        numbers[i] = (float)((*state * UINT64_C(0x2545f4914f6cdd1d)) >> 40) / 8388608.0f - 1.0f;
    }
    return numbers;
}

/* Heavy: timed on its own, never part of a sample. */
static uint32_t setup(void *instance)
{
    dot *self = instance;
    uint64_t state = self->host->seed;
    self->left = random_numbers(self->length, &state);
    self->right = random_numbers(self->length, &state);
    if (self->left == NULL || self->right == NULL) {
        return fail(self, BH_FAILED, "no memory for two vectors of %zu numbers", self->length);
    }
    return BH_OK;
}

static float plain(const float *left, const float *right, size_t length)
{
    float sum = 0.0f;
    for (size_t i = 0; i < length; ++i) {
        sum += left[i] * right[i];
    }
    return sum;
}

/* Sixteen sums, which the processor adds at once: in what order numbers are added is for you to say, not for the compiler. */
static float lanes(const float *left, const float *right, size_t length)
{
    float sums[16] = { 0.0f };
    size_t whole = length - length % 16;
    for (size_t i = 0; i < whole; i += 16) {
        for (size_t lane = 0; lane < 16; ++lane) {
            sums[lane] += left[i + lane] * right[i + lane];
        }
    }
    float sum = plain(left + whole, right + whole, length - whole);
    for (size_t lane = 0; lane < 16; ++lane) {
        sum += sums[lane];
    }
    return sum;
}

/* The timed part: `iterations` times the work. Nothing is allocated, printed or locked here. */
static uint32_t run_batch(void *instance, uint64_t iterations, bh_batch *batch)
{
    dot *self = instance;
    for (uint64_t i = 0; i < iterations; ++i) {
        self->found = self->lanes ? lanes(self->left, self->right, self->length)
                                  : plain(self->left, self->right, self->length);
        BH_KEEP(self->found); /* Else the compiler does it once for all iterations. */
    }
    batch->iters_done = iterations;
    return BH_OK;
}

/* Difference from the product in twice the precision, relative to the sum of all magnitudes. */
static double error_of(const dot *self)
{
    double exact = 0.0;
    double size = 1e-300;
    for (size_t i = 0; i < self->length; ++i) {
        exact += (double)self->left[i] * self->right[i];
        size += fabs((double)self->left[i] * self->right[i]);
    }
    return fabs(self->found - exact) / size;
}

/* Is the answer of the last iteration right? A case with a wrong answer has no speed. */
static uint32_t verify(void *instance)
{
    dot *self = instance;
    double error = error_of(self);
    if (!(error <= 1e-3)) {
        return fail(self, BH_WRONG, "the product is %g, which is off by %g of it", self->found, error);
    }
    return BH_OK;
}

/* What one iteration does: throughput, FLOP/s, bandwidth and the roofline follow from it. */
static uint32_t work(void *instance, bh_work *work)
{
    double length = (double)((dot *)instance)->length;
    work->items = length;
    work->item = "values";
    work->flop = 2.0 * length;
    work->bytes = 8.0 * length;
    return BH_OK;
}

/* After each sample, untimed: the values of the metrics in `meta`. */
static uint32_t metrics(void *instance)
{
    dot *self = instance;
    self->host->metric(self->host, "error", error_of(self));
    return BH_OK;
}

/* What went wrong in the function that failed last; without an instance it was `create`. */
static const char *take_error(void *instance)
{
    return instance == NULL ? NULL : ((dot *)instance)->error;
}

/* The last call. */
static void destroy(void *instance)
{
    dot *self = instance;
    free(self->left);
    free(self->right);
    free(self);
}

/* The one symbol that the host looks for. What is left out of the second half is not there. */
const bh_plugin benchhost_plugin_v1 = {
    .magic = BH_MAGIC,
    .size = sizeof(bh_plugin),
    .abi_rev = BH_ABI_REVISION,
    .meta = meta,
    .create = create,
    .run_batch = run_batch,
    .take_error = take_error,
    .destroy = destroy,

    .setup = setup,
    .verify = verify,
    .work = work,
    .metrics = metrics,
};
