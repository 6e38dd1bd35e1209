/* data/check.h -- checks that the numbers read are of the type and within the bounds that the model
 * declares.
 *
 * Faults are counted, not reported one by one: how many of each kind, and the first in memory
 * order, so that ranks can add their counts and find whose is first. Not collective.
 */
#ifndef MST_DATA_CHECK_H
#define MST_DATA_CHECK_H

#include "data/schema.h"

typedef enum mst_fault {
  MST_FAULT_NOT_FINITE,
  MST_FAULT_NOT_WHOLE,
  MST_FAULT_TOO_WIDE, /* whole, but beyond an int32 */
  MST_FAULT_BELOW,
  MST_FAULT_ABOVE,
  MST_FAULTS
} mst_fault;

typedef struct mst_faults {
  int64_t count[MST_FAULTS];
  int64_t first[MST_FAULTS]; /* element in memory order, over all ranks' rows; INT64_MAX: none */
  double value[MST_FAULTS];  /* of that element */
} mst_faults;

typedef enum mst_held { MST_HELD_F64, MST_HELD_F32, MST_HELD_I32, MST_HELD_I64 } mst_held;

typedef struct mst_rule { /* what a variable's values must be */
  bool whole, infinite;
  double lower, upper; /* inclusive */
} mst_rule;

mst_rule mst_rule_make(const masting_model *model, int var, const int64_t *size);

void mst_faults_clear(mst_faults *faults);

/* Do all `count` values keep the rule? One pass, vectorised, nothing recorded. */
bool mst_check_clean(const mst_rule *rule, mst_held held, const void *values, int64_t count);

/* Records value i of `values` if it breaks the rule; `element`: its number in memory order. */
void mst_check_record(const mst_rule *rule, mst_held held, const void *values, int64_t i,
                      int64_t element, mst_faults *faults);

double mst_held_value(mst_held held, const void *values, int64_t i);

/* The first kind that there is, or MST_FAULTS. */
mst_fault mst_faults_worst(const mst_faults *faults);

/* Puts the fault into words: count, the first element by its name in Stan's way ("X[4211,3]", all
 * indices from 1), its row if sharded, its value, what was expected. */
masting_status mst_faults_fail(const mst_faults *faults, const char *path,
                               const masting_model *model, int var, const mst_schema *schema,
                               mst_error *err);

#endif
