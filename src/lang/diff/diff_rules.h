/* lang/diff/diff_rules.h -- derivatives of the primitives, as IR. */
#ifndef MST_LANG_DIFF_RULES_H
#define MST_LANG_DIFF_RULES_H

#include "lang/ir/ir.h"

/* t * d call / d arg[k], made of copies of the call's arguments and of `result` (an expression
 * whose value is that of the call; NULL: the call itself is copied). NULL: zero. The arguments
 * should be cheap: they are copied. Ends in mst_lang_fail where no derivative is known. */
ir_expr *mst_diff_rule(lang_context *c, const ir_expr *call, int k, const ir_expr *result,
                       const ir_expr *t);

/* Whether the rules of the primitive read its result: then it should be kept. */
bool mst_diff_uses_result(ir_prim prim);
/* Whether values of the arguments are not needed for the derivatives, which are constants times
 * t. */
bool mst_diff_is_linear(ir_prim prim);
bool mst_diff_is_flat(ir_prim prim); /* zero wherever there is a derivative */

#endif
