/* The heat equation in C: parameters of three types, phases, a metric, a proof.
 *
 * The grid has a frame one cell wide, which is filled before each step; two grids are used in turn.
 */

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "benchhost_plugin.h"

/* One instance. Everything is kept here: several may live at once. */
typedef struct heat {
    const bh_host *host;
    size_t size;     /* cells a side, without the frame */
    double alpha;    /* share of a difference that flows in one step */
    bool wraps;      /* the left neighbour of the first cell is the last one; else a wall */
    double *now;     /* (size + 2)² cells */
    double *before;  /* the grid that `now` was made from */
    double total;    /* heat at the beginning */
    char error[160]; /* what `take_error` returns */
} heat;

static const char *meta(void)
{
    return BH_META("heat", "1.0.0", "A stencil in C: the heat equation.")
        "[[workloads]]\n"
        "name = 'heat'\n"
        "summary = 'One explicit step of the heat equation on a square grid.'\n"
        "[[workloads.params]]\n"
        "name = 'size'\n"
        "default = 256\n"
        "min = 2\n"
        "max = 16384\n"
        "unit = 'cells'\n"
        "help = 'cells a side'\n"
        "[[workloads.params]]\n"
        "name = 'alpha'\n"
        "default = 0.2\n"
        "min = 0.0\n"
        "max = 0.25\n"
        "help = 'share of a difference that flows in one step'\n"
        "[[workloads.params]]\n"
        "name = 'edge'\n"
        "default = 'wrap'\n"
        "choices = ['wrap', 'insulated']\n"
        "help = 'what is behind the last cell: the first one, or a wall'\n"
        "[[workloads.metrics]]\n"
        "name = 'spread'\n"
        "help = 'hottest less coldest cell'\n";
}

/* What `take_error` returns when `create` failed and there is no instance; null: the host knows better. */
static _Thread_local const char *create_error;

static uint32_t create(const bh_host *host, const char *workload, void **instance)
{
    (void)workload; /* There is one. */
    if (strcmp(host->device, "cpu") != 0) {
        create_error = "it runs on the CPU alone: leave `device` out";
        return BH_UNSUPPORTED;
    }
    heat *self = calloc(1, sizeof *self);
    if (self == NULL) {
        create_error = "no memory for an instance";
        return BH_FAILED;
    }
    create_error = NULL;
    int64_t size = 0;
    const char *edge = "";
    uint32_t status = host->param_int(host, "size", &size);
    if (status == BH_OK) {
        status = host->param_float(host, "alpha", &self->alpha);
    }
    if (status == BH_OK) {
        status = host->param_text(host, "edge", &edge);
    }
    if (status != BH_OK) {
        free(self); /* The host knows what is wrong with the parameter. */
        return status;
    }
    self->host = host;
    self->size = (size_t)size;
    self->wraps = strcmp(edge, "wrap") == 0;
    *instance = self;
    return BH_OK;
}

static void destroy(void *instance)
{
    heat *self = instance;
    free(self->now);
    free(self->before);
    free(self);
}

/* Asked when an entry did not return `BH_OK`. */
static const char *take_error(void *instance)
{
    heat *self = instance;
    return self == NULL ? create_error : self->error;
}

/* Keeps the sentence about a failure and returns its status word. */
static uint32_t fail(heat *self, uint32_t status, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    vsnprintf(self->error, sizeof self->error, format, values);
    va_end(values);
    return status;
}

/* The next number in [0, 1) of a sequence that begins with the seed (SplitMix64). */
static double random_number(uint64_t *state)
{
    uint64_t bits = *state += UINT64_C(0x9e3779b97f4a7c15);
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (double)((bits ^ (bits >> 31)) >> 11) * 0x1p-53;
}

static uint32_t setup(void *instance)
{
    heat *self = instance;
    size_t row = self->size + 2;
    self->now = calloc(row * row, sizeof *self->now);
    self->before = calloc(row * row, sizeof *self->before);
    if (self->now == NULL || self->before == NULL) {
        return fail(self, BH_FAILED, "no memory for two grids of %zu x %zu cells", row, row);
    }
    uint64_t state = self->host->seed;
    for (size_t y = 1; y <= self->size; ++y) {
        for (size_t x = 1; x <= self->size; ++x) {
            self->now[y * row + x] = random_number(&state);
            self->total += self->now[y * row + x];
        }
    }
    return BH_OK;
}

static void fill_frame(double *grid, size_t size, bool wraps)
{
    size_t row = size + 2;
    size_t before_first = wraps ? size : 1;
    size_t after_last = wraps ? 1 : size;
    memcpy(grid, grid + before_first * row, row * sizeof *grid);
    memcpy(grid + (size + 1) * row, grid + after_last * row, row * sizeof *grid);
    for (size_t y = 1; y <= size; ++y) {
        grid[y * row] = grid[y * row + before_first];
        grid[y * row + size + 1] = grid[y * row + after_last];
    }
}

static void step(double *restrict to, const double *restrict from, size_t size, double alpha)
{
    size_t row = size + 2;
    for (size_t y = 1; y <= size; ++y) {
        to += row;
        from += row;
        const double *above = from - row;
        const double *below = from + row;
        for (size_t x = 1; x <= size; ++x) {
            to[x] = from[x] + alpha * (from[x - 1] + from[x + 1] + above[x] + below[x] - 4.0 * from[x]);
        }
    }
}

/* The timed part. Each grid comes from the one before, so no iteration can be left out by the compiler. */
static uint32_t run_batch(void *instance, uint64_t iterations, bh_batch *batch)
{
    heat *self = instance;
    const bh_host *host = self->host;
    uint64_t edge_ns = 0;
    uint64_t step_ns = 0;
    while (batch->iters_done < iterations) {
        double *from = self->now;
        uint64_t begin = host->now_ns();
        fill_frame(from, self->size, self->wraps);
        uint64_t filled = host->now_ns();
        step(self->before, from, self->size, self->alpha);
        step_ns += host->now_ns() - filled;
        edge_ns += filled - begin;
        self->now = self->before;
        self->before = from;
        batch->iters_done += 1;
        if (host->should_stop(host) && batch->iters_done < iterations) {
            batch->flags |= BH_STOPPED;
            break;
        }
    }
    host->span(host, "edge", edge_ns);
    host->span(host, "step", step_ns);
    return BH_OK;
}

/* Makes the last step again in another way: by indices instead of a frame. */
static uint32_t verify(void *instance)
{
    heat *self = instance;
    size_t size = self->size;
    size_t row = size + 2;
    double total = 0.0;
    for (size_t y = 1; y <= size; ++y) {
        for (size_t x = 1; x <= size; ++x) {
            size_t up = y > 1 ? y - 1 : self->wraps ? size : y;
            size_t down = y < size ? y + 1 : self->wraps ? 1 : y;
            size_t left = x > 1 ? x - 1 : self->wraps ? size : x;
            size_t right = x < size ? x + 1 : self->wraps ? 1 : x;
            double old = self->before[y * row + x];
            double around = self->before[up * row + x] + self->before[down * row + x] + self->before[y * row + left] +
                            self->before[y * row + right];
            double expected = (1.0 - 4.0 * self->alpha) * old + self->alpha * around;
            double found = self->now[y * row + x];
            if (!(fabs(found - expected) <= 1e-12)) {
                return fail(self, BH_WRONG, "cell (%zu, %zu) is %.17g, expected %.17g", x, y, found, expected);
            }
            total += found;
        }
    }
    if (!(fabs(total - self->total) <= 1e-9 * self->total)) {
        return fail(self, BH_WRONG, "there is %.17g of heat, at the beginning it was %.17g", total, self->total);
    }
    return BH_OK;
}

static uint32_t work(void *instance, bh_work *work)
{
    heat *self = instance;
    double cells = (double)self->size * (double)self->size;
    work->items = cells;
    work->item = "cells";
    work->flop = 7.0 * cells;   /* three additions of neighbours, minus 4·old, times alpha, plus old */
    work->bytes = 16.0 * cells; /* each cell is read once and written once */
    return BH_OK;
}

static uint32_t metrics(void *instance)
{
    heat *self = instance;
    size_t row = self->size + 2;
    double coldest = INFINITY;
    double hottest = -INFINITY;
    for (size_t y = 1; y <= self->size; ++y) {
        for (size_t x = 1; x <= self->size; ++x) {
            coldest = fmin(coldest, self->now[y * row + x]);
            hottest = fmax(hottest, self->now[y * row + x]);
        }
    }
    self->host->metric(self->host, "spread", hottest - coldest);
    return BH_OK;
}

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
