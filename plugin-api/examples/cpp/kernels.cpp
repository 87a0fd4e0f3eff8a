/* Two workloads in C++ on top of benchhost_plugin.hpp: sorting, which needs new input for each iteration, and a matrix
 * product, which does not. */

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "benchhost_plugin.hpp"

namespace {

/// Sorts random numbers. What is sorted already costs less, so each iteration gets fresh input, outside its time.
class Sort : public benchhost::Workload {
public:
    static constexpr const char *name = "sort";
    static constexpr const char *about = R"(
summary = "Sorts random numbers."
prepares_each_iteration = true
[[workloads.params]]
name = "length"
default = 65536
min = 1
max = 1e9
unit = "numbers"
[[workloads.params]]
name = "stable"
default = false
help = "keep the order of equals: std::stable_sort instead of std::sort"
)";

    explicit Sort(const benchhost::Host &given)
        : Workload(given), length(host.param<std::size_t>("length")), stable(host.param<bool>("stable")) {}

    void setup() override {
        std::mt19937_64 random(host->seed);
        shuffled.resize(length);
        std::generate(shuffled.begin(), shuffled.end(), random);
    }

    void prepare() override { numbers = shuffled; }

    std::uint64_t iterate() {
        if (stable) {
            std::stable_sort(numbers.begin(), numbers.end());
        } else {
            std::sort(numbers.begin(), numbers.end());
        }
        return numbers[numbers.size() / 2];
    }

    void verify() override {
        const auto wrong = std::is_sorted_until(numbers.begin(), numbers.end());
        if (wrong != numbers.end()) {
            throw benchhost::Wrong("number " + std::to_string(wrong - numbers.begin()) + " is out of order");
        }
        // The same numbers, whatever their order: equal sums and equal sums of squares, modulo 2⁶⁴.
        std::uint64_t sum = 0;
        std::uint64_t squares = 0;
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            sum += numbers[i] - shuffled[i];
            squares += numbers[i] * numbers[i] - shuffled[i] * shuffled[i];
        }
        if (sum != 0 || squares != 0) {
            throw benchhost::Wrong("the sorted numbers are not those that were to be sorted");
        }
    }

    benchhost::Work work() override { return {static_cast<double>(length), "numbers"}; }

private:
    std::size_t length;
    bool stable;
    std::vector<std::uint64_t> shuffled, numbers;
};

/// C = A·B for square matrices, the inner loop along a row of B.
class Product : public benchhost::Workload {
public:
    static constexpr const char *name = "product";
    static constexpr const char *about = R"(
summary = "Multiplies two square matrices in double precision."
[[workloads.params]]
name = "size"
default = 128
min = 1
max = 16384
unit = "rows"
[[workloads.metrics]]
name = "residual"
direction = "lower"
kind = "quality"
help = "largest relative error of C·x against A·(B·x), with random x"
)";

    explicit Product(const benchhost::Host &given)
        : Workload(given), size(host.param<std::size_t>("size")) {}

    void setup() override {
        std::mt19937_64 random(host->seed);
        std::uniform_real_distribution<double> between(0.5, 1.5);
        for (auto *matrix : {&a, &b, &c}) {
            matrix->resize(size * size);
        }
        x.resize(size);
        for (auto *values : {&a, &b, &x}) {
            std::generate(values->begin(), values->end(), [&] { return between(random); });
        }
    }

    void iterate() {
        {
            const auto span = host.span("clear");
            std::fill(c.begin(), c.end(), 0.0);
        }
        const auto span = host.span("multiply");
        for (std::size_t row = 0; row < size; ++row) {
            for (std::size_t k = 0; k < size; ++k) {
                const double factor = a[row * size + k];
                const double *from = &b[k * size];
                double *to = &c[row * size];
                for (std::size_t column = 0; column < size; ++column) {
                    to[column] += factor * from[column];
                }
            }
        }
    }

    /// Freivalds' check: a product that is wrong anywhere fails it, with probability 1 for a random x.
    void verify() override {
        const double error = residual();
        if (!(error <= 1e-12 * static_cast<double>(size))) {
            throw benchhost::Wrong("the residual is " + std::to_string(error));
        }
    }

    benchhost::Work work() override {
        const double n = static_cast<double>(size);
        return {n, "rows", 2.0 * n * n * n, 4.0 * 8.0 * n * n};
    }

    void metrics() override { host.metric("residual", residual()); }

private:
    std::vector<double> times(const std::vector<double> &matrix, const std::vector<double> &vector) const {
        std::vector<double> product(size, 0.0);
        for (std::size_t i = 0; i < matrix.size(); ++i) {
            product[i / size] += matrix[i] * vector[i % size];
        }
        return product;
    }

    double residual() const {
        const auto found = times(c, x);
        const auto expected = times(a, times(b, x));
        double worst = 0.0;
        for (std::size_t row = 0; row < size; ++row) {
            const double error = std::abs(found[row] / expected[row] - 1.0);
            worst = error <= worst ? worst : error; // A NaN stays.
        }
        return worst;
    }

    std::size_t size;
    std::vector<double> a, b, c, x;
};

} // namespace

BENCHHOST_PLUGIN("kernels-cpp", "1.0.0", "Sorting and a matrix product in C++.", Sort, Product);
