/* linalg/rowwise_hot.c -- see rowwise_hot.h. One register of lanes at a time, for eight rows. */
#include "linalg/rowwise_hot.h"

#include <string.h>

#define PASTE2(a, b) a##b
#define PASTE(a, b) PASTE2(a, b)
#define NAME PASTE(mst_rowwise_table_, MST_ISA_TAG)

extern const mst_rowwise_table NAME;

#if defined(__AVX512F__)
#define REGISTER 8
#elif defined(__AVX__)
#define REGISTER 4
#else
#define REGISTER 2
#endif

/* Lanes [0, WIDTH) of a row of `lanes`: WIDTH is a constant where this is inlined. */
#define DEFINE_PART(WIDTH)                                                                         \
  typedef double row##WIDTH __attribute__((vector_size(8 * WIDTH)));                               \
  static inline void part##WIDTH(const double *a, int columns, int lanes, const double *x,         \
                                 double *y) {                                                      \
    row##WIDTH sum[8] = {0};                                                                       \
    for (int j = 0; j < columns; j++) {                                                            \
      row##WIDTH xj;                                                                               \
      memcpy(&xj, x + (long)j * lanes, sizeof xj);                                                 \
      _Pragma("GCC unroll 8") for (int i = 0; i < 8; i++) sum[i] += a[8L * j + i] * xj;            \
    }                                                                                              \
    for (int i = 0; i < 8; i++) memcpy(y + i * lanes, &sum[i], sizeof sum[i]);                     \
  }

DEFINE_PART(2)
#if REGISTER >= 4
DEFINE_PART(4)
#endif
#if REGISTER >= 8
DEFINE_PART(8)
#endif

static inline void any(const double *a, int columns, int lanes, const double *x, double *y) {
  int from = 0;
#if REGISTER >= 8
  for (; from + 8 <= lanes; from += 8) part8(a, columns, lanes, x + from, y + from);
#endif
#if REGISTER >= 4
  for (; from + 4 <= lanes; from += 4) part4(a, columns, lanes, x + from, y + from);
#endif
  for (; from + 2 <= lanes; from += 2) part2(a, columns, lanes, x + from, y + from);
}

#define ROWS PASTE(row, REGISTER)

/* One lane: the eight rows are the vector. */
static void lanes1(const double *a, int columns, const double *x, double *y) {
  ROWS sum[8 / REGISTER] = {0};
  for (int j = 0; j < columns; j++)
    for (int i = 0; i < 8 / REGISTER; i++) {
      ROWS aj;
      memcpy(&aj, a + 8L * j + i * REGISTER, sizeof aj);
      sum[i] += aj * x[j];
    }
  memcpy(y, sum, sizeof sum);
}

#define DEFINE_LANES(LANES)                                                                        \
  static void lanes##LANES(const double *a, int columns, const double *x, double *y) {             \
    any(a, columns, LANES, x, y);                                                                  \
  }
DEFINE_LANES(2)
DEFINE_LANES(4)
DEFINE_LANES(8)
DEFINE_LANES(16)

const mst_rowwise_table NAME = {{lanes1, lanes2, lanes4, lanes8, lanes16}};
