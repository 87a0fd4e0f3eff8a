/* The triad of STREAM in plain C, one thread: the yardstick of benches/stream.rs.
 *
 * Usage: triad BYTES ROUNDS, where BYTES is the size of each array. Prints one number a line, each the seconds of one
 * round; then the sum of the result, for comparison. */
#define _POSIX_C_SOURCE 199309L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

__attribute__((noinline)) static void triad(double *restrict a, const double *restrict b, const double *restrict c,
                                            double s, size_t n) {
    for (size_t i = 0; i < n; i++)
        a[i] = b[i] + s * c[i];
}

int main(int argc, char **argv) {
    if (argc != 3)
        return 2;
    size_t n = strtoull(argv[1], NULL, 10) / sizeof(double);
    int rounds = atoi(argv[2]);
    double *a = malloc(n * sizeof *a), *b = malloc(n * sizeof *b), *c = malloc(n * sizeof *c);
    if (!a || !b || !c)
        return 1;
    for (size_t i = 0; i < n; i++) {
        a[i] = 0.0;
        b[i] = (double)(i % 8191);
        c[i] = (double)(i % 4093) + 0.5;
    }
    for (int round = 0; round < rounds; round++) {
        double started = now();
        triad(a, b, c, 3.0, n);
        printf("%.9f\n", now() - started);
    }
    double sum = 0.0;
    for (size_t i = 0; i < n; i++)
        sum += a[i];
    printf("%.1f\n", sum);
    return 0;
}
