/* diag/order.h -- sorting draws with their places, fast enough for thousands of elements.
 *
 * One radix sort serves an element's ranks, quantiles, median and, by a merge, the ranks of its
 * folded values: sorting is most of the cost of a summary. Not collective; pure.
 */
#ifndef MST_DIAG_ORDER_H
#define MST_DIAG_ORDER_H

#include <stdint.h>

typedef struct mst_ranked { /* a value as an unsigned number of the same order, and its place */
  uint64_t key;
  uint32_t at;
} mst_ranked;

/* Sorts x[n] (no NaN) ascending: value[i] the i-th smallest, at[i] its index in x. scratch: 2n. */
void mst_sort_values(const double *x, uint32_t n, double *value, uint32_t *at, mst_ranked *scratch);

/* From sorted values about `centre`: the distances |value - centre| ascending, with their places.
 * Outputs [n], distinct from the inputs. */
void mst_sort_folded(const double *value, const uint32_t *at, uint32_t n, double centre,
                     double *folded, uint32_t *folded_at);

#endif
