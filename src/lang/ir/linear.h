/* lang/ir/linear.h -- linear forms of int variables, as indices and bounds of loops are.
 *
 * A form is constant + sum of factor[i] * atom[i], atoms without order and none twice. What has
 * more terms than fit is no form: functions then return false.
 */
#ifndef MST_LANG_LINEAR_H
#define MST_LANG_LINEAR_H

#include "lang/ir/ir.h"

enum { LANG_LINEAR_TERMS = 8 };

typedef struct lang_linear {
  ir_var *atom[LANG_LINEAR_TERMS];
  int64_t factor[LANG_LINEAR_TERMS];
  int n;
  int64_t constant;
} lang_linear;

lang_linear mst_linear_int(int64_t value);
lang_linear mst_linear_atom(ir_var *v);
bool mst_linear_add(lang_linear *a, const lang_linear *b, int64_t times); /* a += times * b */
int64_t mst_linear_factor(const lang_linear *a, const ir_var *v);         /* 0: not in it */
bool mst_linear_same(const lang_linear *a, const lang_linear *b);
ir_expr *mst_linear_expr(lang_context *c, const lang_linear *a);

/* Whether a >= 0 follows from given[i] >= 0, as a constant, one of them or two of them and a
 * number that is not negative. Not complete: false may mean that it is not seen. */
bool mst_linear_holds(const lang_linear *a, const lang_linear *given, int ngiven);
/* a < 0 follows */
bool mst_linear_fails(const lang_linear *a, const lang_linear *given, int ngiven);

#endif
