/* nuts/tree_fields.h -- the scalars of chains as a block of state (base/fields.h), for a
 * checkpoint. The same functions write and read. Not collective. */
#ifndef MST_NUTS_TREE_FIELDS_H
#define MST_NUTS_TREE_FIELDS_H

#include "base/fields.h"
#include "nuts/pass.h"
#include "nuts/tree.h"

/* All that a tree knows between two steps. seed, chain and max_depth are checked, not taken: bytes
 * of another chain or rule are `bad`. */
void mst_tree_fields(mst_fields *fields, mst_tree *tree);

/* Which slot and estimator a chain uses, and how many draws they hold. */
void mst_chain_metric_fields(mst_fields *fields, mst_chain_metric *metric);

/* What waits to be done to the metric in the next step. The kind of adaptation is checked. */
void mst_metric_instruction_fields(mst_fields *fields, mst_metric_instruction *instruction);

/* Takes a tree that is in the midst of a draw back to where the draw began: the next plan starts
 * it again, with the momenta that it had, from its point `origin`. The metric's estimators, which
 * have had their draw, are left alone. False: it is not in the midst of a draw, and unchanged. */
bool mst_tree_rewind(mst_tree *tree);

#endif
