/* Room par: exact sums. Law: the same bits in whatever order and however split; right to a unit
 * in the last place, against arbitrary-precision integers; at every lane width and SIMD level
 * that runs here. */
#include "config.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/isa.h"
#include "base/rng.h"
#include "exact_kernels.h"
#include "par/exact.h"

#define MAX_LANES 16
#define MANY 4000

typedef struct kernel {
  mst_isa isa;
  int lanes;
  exact_deposit_fn *deposit;
} kernel;

#define KERNELS(level, isa)                                                                        \
  {level, 1, exact_deposit_##isa##_w1}, {level, 2, exact_deposit_##isa##_w2},                      \
      {level, 4, exact_deposit_##isa##_w4}, {level, 8, exact_deposit_##isa##_w8}, {                \
    level, 16, exact_deposit_##isa##_w16                                                           \
  }

static const kernel kernels[] = {KERNELS(MST_ISA_BASE, base),
#ifdef MASTING_HAVE_ISA_VARIANTS
                                 KERNELS(MST_ISA_V3, v3), KERNELS(MST_ISA_V4, v4)
#endif
};
#define NKERNELS ((int)(sizeof kernels / sizeof *kernels))

static int runs_here(const kernel *k) { return k->isa <= mst_isa_here(); }

/* ---- the reference: two's complement in 32-bit digits, unit 2^-160, room for 2^150 ---- */

#define DIGITS 11
#define LOWEST (-160)

typedef struct big {
  int64_t digit[DIGITS];
} big;

static void big_add(big *b, double x) {
  int exponent;
  const double m = frexp(x, &exponent);
  const int64_t whole = (int64_t)ldexp(fabs(m), 53);
  const int shift = exponent - 53 - LOWEST, at = shift / 32;
  unsigned __int128 bits = (unsigned __int128)(uint64_t)whole << (shift % 32);
  if (x == 0) return;
  assert_true(shift >= 0 && at + 3 <= DIGITS);
  for (int i = at; bits; i++, bits >>= 32) {
    const int64_t d = (int64_t)(uint32_t)bits;
    b->digit[i] += x < 0 ? -d : d;
  }
}

/* b as a double, to a few units in the last place, also when digits cancel. */
static double big_value(big b) {
  for (int i = 0; i + 1 < DIGITS; i++) {
    const int64_t c = (b.digit[i] + (INT64_C(1) << 31)) >> 32;
    b.digit[i] -= c * (INT64_C(1) << 32);
    b.digit[i + 1] += c;
  }
  double sum = 0;
  for (int i = DIGITS - 1; i >= 0; i--) sum += ldexp((double)b.digit[i], LOWEST + 32 * i);
  return sum;
}

/* ---- summands ---- */

static double random_unit(uint64_t *at) { return mst_uniform(7, 0, 0, MST_USE_CHECK, (*at)++); }

/* Sign, and a size between 10^low and 10^high. */
static double random_size(uint64_t *at, double low, double high) {
  const double size = pow(10.0, low + (high - low) * random_unit(at));
  return random_unit(at) < 0.5 ? -size : size;
}

static void shuffle(int *order, int n, uint64_t *at) {
  for (int i = n - 1; i > 0; i--) {
    const int j = (int)(random_unit(at) * (i + 1));
    const int t = order[i];
    order[i] = order[j];
    order[j] = t;
  }
}

typedef struct sums {
  _Alignas(64) int64_t limb[MST_LIMBS * MAX_LANES];
  _Alignas(64) int64_t bad[MAX_LANES];
} sums;

static void carry(sums *s, int lanes) {
  for (int lane = 0; lane < lanes; lane++) mst_exact_carry(s->limb + lane, lanes);
}

/* Deposits x[order[0..n)] with a carry after every `each`. */
static void deposit(const kernel *k, sums *s, const double *x, const int *order, int n, int each) {
  _Alignas(64) double one[MAX_LANES];
  for (int i = 0; i < n; i++) {
    memcpy(one, x + order[i] * k->lanes, (size_t)k->lanes * sizeof *one);
    k->deposit(one, 1, s->limb, s->bad);
    if ((i + 1) % each == 0) carry(s, k->lanes);
  }
  carry(s, k->lanes);
}

/* All of x in a random order over a random number of parts, parts added as the ranks' would be. */
static void sum_somehow(const kernel *k, const double *x, int n, uint64_t *at, double *value) {
  static int order[MANY];
  sums total = {0};
  const int parts = 1 + (int)(random_unit(at) * 9);
  for (int i = 0; i < n; i++) order[i] = i;
  shuffle(order, n, at);
  for (int part = 0, from = 0; part < parts; part++) {
    sums mine = {0};
    const int to = part == parts - 1 ? n : from + (int)(random_unit(at) * (n - from));
    deposit(k, &mine, x, order + from, to - from, 1 + (int)(random_unit(at) * 500));
    for (int i = 0; i < MST_LIMBS * k->lanes; i++) total.limb[i] += mine.limb[i];
    from = to;
  }
  carry(&total, k->lanes);
  for (int lane = 0; lane < k->lanes; lane++)
    value[lane] = mst_exact_value(total.limb + lane, k->lanes);
}

static double *summands(int n, int lanes, double low, double high, uint64_t *at) {
  double *x = calloc((size_t)(n * lanes), sizeof *x);
  assert_non_null(x);
  for (int i = 0; i < n * lanes; i++) x[i] = random_size(at, low, high);
  return x;
}

/* ---- tests ---- */

static void any_order_and_split_gives_the_same_bits(void **state) {
  (void)state;
  for (int i = 0; i < NKERNELS; i++) {
    const kernel *k = &kernels[i];
    uint64_t at = 0;
    double *x = summands(MANY, k->lanes, -22, 18, &at), first[MAX_LANES], again[MAX_LANES];
    if (runs_here(k)) {
      sum_somehow(k, x, MANY, &at, first);
      for (int repeat = 0; repeat < 12; repeat++) {
        sum_somehow(k, x, MANY, &at, again);
        assert_memory_equal(first, again, (size_t)k->lanes * sizeof *first);
      }
    }
    free(x);
  }
}

/* The same numbers in lane 0 of every kernel: widths and levels agree too. */
static void every_width_and_level_gives_the_same_bits(void **state) {
  (void)state;
  uint64_t at = 1000;
  double *x = summands(500, 1, -22, 18, &at), *wide = calloc(500 * MAX_LANES, sizeof *wide);
  double reference = 0, value[MAX_LANES];
  assert_non_null(wide);
  for (int i = 0; i < NKERNELS; i++) {
    const kernel *k = &kernels[i];
    if (!runs_here(k)) continue;
    for (int j = 0; j < 500 * k->lanes; j++) wide[j] = x[j / k->lanes];
    sum_somehow(k, wide, 500, &at, value);
    if (i == 0) reference = value[0];
    for (int lane = 0; lane < k->lanes; lane++)
      assert_memory_equal(&value[lane], &reference, sizeof reference);
  }
  free(wide);
  free(x);
}

/* Each summand is rounded to 2^-76, the sum is exact, the value rounded twice. */
static void assert_right(const big *exact, double value, int n) {
  big difference = *exact;
  big_add(&difference, -value);
  const double ulp = fabs(value) > 0 ? nextafter(fabs(value), INFINITY) - fabs(value) : 0;
  const double error = fabs(big_value(difference));
  if (error > ulp + n * 0x1p-77)
    fail_msg("value %.17g, error %g, allowed %g", value, error, ulp + n * 0x1p-77);
}

static void check_range(double low, double high, int cancel) {
  for (int i = 0; i < NKERNELS; i++) {
    const kernel *k = &kernels[i];
    uint64_t at = 77;
    double value[MAX_LANES], *x = summands(MANY, k->lanes, low, high, &at);
    /* pairs that cancel but for a small rest */
    for (int j = 0; cancel && j + 1 < MANY; j += 2)
      for (int lane = 0; lane < k->lanes; lane++)
        x[(j + 1) * k->lanes + lane] = -x[j * k->lanes + lane] * (j % 10 ? 1.0 : 1.0 + 0x1p-50);
    if (runs_here(k)) {
      sum_somehow(k, x, MANY, &at, value);
      for (int lane = 0; lane < k->lanes; lane++) {
        big exact = {{0}};
        for (int j = 0; j < MANY; j++) big_add(&exact, x[j * k->lanes + lane]);
        assert_right(&exact, value[lane], MANY);
      }
    }
    free(x);
  }
}

static void value_is_right_to_a_unit(void **state) {
  (void)state;
  check_range(-22, 18, 0);
  check_range(-3, 3, 0);
  check_range(10, 18, 1);
  check_range(-8, 2, 1);
}

static void small_sums_of_whole_numbers_are_exact(void **state) {
  (void)state;
  const int order[] = {0, 1, 2, 3, 4, 5};
  const double x[] = {0x1p59, 1.0, -0x1p59, 0x1p-76, 3.0, -0x1p-75};
  const kernel *k = &kernels[0];
  sums s = {0};
  deposit(k, &s, x, order, 6, 100);
  assert_true(s.limb[0] == -1 && s.limb[1] == INT64_C(4) << 28 && s.limb[2] == 0);
  const double value = mst_exact_value(s.limb, 1); /* 4 - 2^-76 */
  assert_true(value == 4.0);
}

static void what_cannot_be_summed_is_flagged_and_left_out(void **state) {
  (void)state;
  const double odd[] = {NAN, INFINITY, -INFINITY, MST_EXACT_MAX, -MST_EXACT_MAX, 1e300};
  const double fine[] = {0.0, -0.0, 5e-324, 0x1.fffffffffffffp59, -0x1.fffffffffffffp59, 1e-300};
  for (int i = 0; i < NKERNELS; i++) {
    const kernel *k = &kernels[i];
    if (!runs_here(k)) continue;
    for (int lane = 0; lane < k->lanes; lane++)
      for (int j = 0; j < 6; j++) {
        _Alignas(64) double x[MAX_LANES] = {0};
        sums s = {0};
        x[lane] = fine[j];
        k->deposit(x, 1, s.limb, s.bad);
        for (int other = 0; other < k->lanes; other++) assert_true(s.bad[other] == 0);
        x[lane] = odd[j];
        sums before = s;
        k->deposit(x, 1, s.limb, s.bad);
        assert_memory_equal(before.limb, s.limb, sizeof s.limb);
        for (int other = 0; other < k->lanes; other++)
          assert_true((s.bad[other] != 0) == (other == lane));
      }
  }
}

/* As many of the largest summands as may come between two carries, of either sign. */
static void most_deposits_fit_before_a_carry(void **state) {
  (void)state;
  const double largest[] = {0x1.fffffffffffffp59, 0x1.ffffffffffff8p18, 0x1p18, 0x1.8p-29,
                            0x1.00000000000ffp19};
  for (int i = 0; i < NKERNELS; i++) {
    const kernel *k = &kernels[i];
    if (!runs_here(k)) continue;
    for (int j = 0; j < 10; j++) {
      _Alignas(64) double x[MAX_LANES];
      const double one = j % 2 ? -largest[j / 2] : largest[j / 2];
      sums s = {0};
      big exact = {{0}};
      for (int lane = 0; lane < k->lanes; lane++) x[lane] = one;
      for (int round = 0; round < 2; round++) {
        for (int n = 0; n < MST_EXACT_MAX_DEPOSITS; n++) {
          k->deposit(x, 1, s.limb, s.bad);
          big_add(&exact, one);
        }
        carry(&s, k->lanes);
      }
      for (int lane = 0; lane < k->lanes; lane++)
        assert_right(&exact, mst_exact_value(s.limb + lane, k->lanes), 2 * MST_EXACT_MAX_DEPOSITS);
    }
  }
}

static void carried_form_is_canonical(void **state) {
  (void)state;
  const int64_t half = INT64_C(1) << (MST_LIMB_BITS - 1);
  const int64_t tried[] = {0,
                           1,
                           -1,
                           half - 1,
                           half,
                           -half,
                           -half - 1,
                           INT64_C(1) << 61,
                           -(INT64_C(1) << 61),
                           (INT64_C(1) << 61) + half};
  for (int i = 0; i < 10; i++)
    for (int j = 0; j < 10; j++) {
      int64_t limb[] = {tried[i], tried[j], 5};
      const __int128 unit = (__int128)1 << MST_LIMB_BITS, low = limb[0] + limb[1] * unit;
      mst_exact_carry(limb, 1);
      assert_true(limb[0] >= -half && limb[0] < half && limb[1] >= -half && limb[1] < half);
      const __int128 high = (limb[2] - 5) * unit;
      assert_true(limb[0] + (limb[1] + high) * unit == low);
      int64_t again[] = {limb[0], limb[1], limb[2]};
      mst_exact_carry(again, 1);
      assert_memory_equal(limb, again, sizeof limb);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_order_and_split_gives_the_same_bits),
      cmocka_unit_test(every_width_and_level_gives_the_same_bits),
      cmocka_unit_test(value_is_right_to_a_unit),
      cmocka_unit_test(small_sums_of_whole_numbers_are_exact),
      cmocka_unit_test(what_cannot_be_summed_is_flagged_and_left_out),
      cmocka_unit_test(most_deposits_fit_before_a_carry),
      cmocka_unit_test(carried_form_is_canonical),
  };
  return cmocka_run_group_tests_name("exact sums", tests, NULL, NULL);
}
