/* diag/select.h -- which variables and elements the user named: theta[1], 'theta*', 'w[*,0]'.
 *
 * A star stands for anything, a question mark for one character; brackets are the label's own, and
 * spaces do not count. A name without brackets takes all elements. Without any name, all of the
 * posterior is taken; log_likelihood and posterior_predictive only when they are named. Indices are
 * those of the labels. Not collective; pure.
 */
#ifndef MST_DIAG_SELECT_H
#define MST_DIAG_SELECT_H

#include "diag/reader.h"

typedef struct mst_select {
  const char *const *name;
  int names;
} mst_select;

typedef enum mst_taken { MST_TAKEN_NONE, MST_TAKEN_SOME, MST_TAKEN_ALL } mst_taken;

/* SOME: elements are asked for one by one. */
mst_taken mst_select_variable(const mst_select *select, const mst_draws_variable *v);

/* Of a variable that is taken in part; label: mst_reader_label's. */
bool mst_select_element(const mst_select *select, const char *label);

/* Every name takes something, or MASTING_ERR_USAGE with the variables that there are. */
masting_status mst_select_check(const mst_select *select, const mst_reader *reader, mst_error *err);

#endif
