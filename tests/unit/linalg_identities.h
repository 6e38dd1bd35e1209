/* tests/unit/linalg_identities.h -- what tests of linalg.h compare with: products by their
 * definition. To be included after cmocka.h. */
#ifndef LINALG_IDENTITIES_H
#define LINALG_IDENTITIES_H

#include "linalg_cases.h"

static const int orders[] = {1, 2, 3, 5, 8};
/* n of 1, 2, 3, 5, 8 with m of 4, 1, 2, 4, 3 */
#define EACH_ORDER(at) for (unsigned at = 0; at < 5 && (n = orders[at], m = 1 + (n + 2) % 4); at++)

static inline void close_to(double got, double want, double tolerance) {
  double scale = fabs(want) > 1 ? fabs(want) : 1;
  if (!(fabs(got - want) <= tolerance * scale))
    fail_msg("n=%d m=%d: expected %.17g, got %.17g", n, m, want, got);
}

static inline void all_close(int count, const vreal *got, const vreal *want) {
  for (int i = 0; i < count; i++)
    for (int lane = 0; lane < MASTING_LANES; lane++)
      close_to(v_get(got[i], lane), v_get(want[i], lane), 1e-12);
}

/* The product by its definition. */
static inline void times(int rows, int inner, int cols, const vreal *a, const vreal *b, vreal *c) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) {
      c[i * cols + j] = v_all(0.0);
      for (int p = 0; p < inner; p++) c[i * cols + j] += a[i * inner + p] * b[p * cols + j];
    }
}

static inline void turn(int rows, int cols, const vreal *a, vreal *t) {
  for (int i = 0; i < rows; i++)
    for (int j = 0; j < cols; j++) t[j * rows + i] = a[i * cols + j];
}

/* A whole symmetric matrix from its lower triangle. */
static inline void mirror(vreal *a) {
  for (int i = 0; i < n; i++)
    for (int j = 0; j < i; j++) a[j * n + i] = a[i * n + j];
}

static inline void clear_upper(vreal *a, int cols) {
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < cols; j++) a[i * cols + j] = v_all(0.0);
}

static inline void unit(vreal *a) {
  for (int i = 0; i < n * n; i++) a[i] = v_all(i % (n + 1) == 0);
}

/* t' t is the unit matrix: the columns of t[rows][cols] are orthonormal. */
static inline void columns_are_orthonormal(int rows, int cols, const vreal *a) {
  vreal t[LA_MOST], c[LA_MOST];
  turn(rows, cols, a, t);
  times(cols, rows, cols, t, a, c);
  for (int i = 0; i < cols * cols; i++) {
    vreal want = v_all(i % (cols + 1) == 0);
    all_close(1, &c[i], &want);
  }
}

#endif
