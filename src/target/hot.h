/* target/hot.h -- the target's functions that are compiled per lane width and SIMD level. */
#ifndef MST_TARGET_HOT_H
#define MST_TARGET_HOT_H

#include "target/pass.h"

/* A sweep that only evaluates: row-local positions in, their gradients out, both
 * [batches][row-local elements of this rank][lanes]; the hook (NULL: none) makes a tile's sums.
 * See batch.h. */
typedef struct mst_eval_call {
  const double *local;
  double *local_grad;
  int nextra;
  void (*hook)(const mst_tile *tile, void *context);
  void *context;
} mst_eval_call;

typedef struct mst_target_hot {
  /* A batch's theta, Jacobian and shared values from y [globals][lanes]. Not collective. */
  void (*constrain)(mst_target *t, int batch, const double *y);
  /* After a reduction: a batch's total log density complete and its mst_theta_grad w.r.t. y. Not
   * collective. */
  void (*finish)(mst_target *t, int batch, int nextra, const double *y);
  /* A thread's share of a sweep that only evaluates. Not collective. */
  void (*eval)(mst_target *t, int thread, const mst_eval_call *call);
  /* Exact sums of the reduced message to totals: values [from, to). Not collective. */
  void (*totals)(mst_target *t, int64_t from, int64_t to);
} mst_target_hot;

/* lanes: 1, 2, 4, 8 or 16. */
const mst_target_hot *mst_target_hot_at(mst_isa isa, int lanes);

#define MST_HOT_PASTE2_(a, b, c, d) a##b##c##d
#define MST_HOT_PASTE_(a, b, c, d) MST_HOT_PASTE2_(a, b, c, d)
/* prefix_<isa>_w<lanes> */
#define MST_HOT_NAME(prefix) MST_HOT_PASTE_(prefix, MST_ISA_TAG, _w, MASTING_LANES)

/* Declares a table's symbols for all widths and levels, and the function that picks one. */
#define MST_HOT_TABLE_WIDTHS_(type, prefix, isa)                                                   \
  extern const type prefix##isa##_w1, prefix##isa##_w2, prefix##isa##_w4, prefix##isa##_w8,        \
      prefix##isa##_w16
#define MST_HOT_TABLE_ROW_(prefix, isa)                                                            \
  { &prefix##isa##_w1, &prefix##isa##_w2, &prefix##isa##_w4, &prefix##isa##_w8, &prefix##isa##_w16 }
#ifdef MASTING_HAVE_ISA_VARIANTS
#define MST_HOT_PICK(type, prefix, function)                                                       \
  MST_HOT_TABLE_WIDTHS_(type, prefix, base);                                                       \
  MST_HOT_TABLE_WIDTHS_(type, prefix, v3);                                                         \
  MST_HOT_TABLE_WIDTHS_(type, prefix, v4);                                                         \
  const type *function(mst_isa isa, int lanes) {                                                   \
    static const type *const table[MST_ISA_COUNT][5] = {MST_HOT_TABLE_ROW_(prefix, base),          \
                                                        MST_HOT_TABLE_ROW_(prefix, v3),            \
                                                        MST_HOT_TABLE_ROW_(prefix, v4)};           \
    return table[isa][__builtin_ctz((unsigned)lanes)];                                             \
  }
#else
#define MST_HOT_PICK(type, prefix, function)                                                       \
  MST_HOT_TABLE_WIDTHS_(type, prefix, base);                                                       \
  const type *function(mst_isa isa, int lanes) {                                                   \
    static const type *const table[5] = MST_HOT_TABLE_ROW_(prefix, base);                          \
    (void)isa;                                                                                     \
    return table[__builtin_ctz((unsigned)lanes)];                                                  \
  }
#endif

#endif
