/* lang/covariance/covariance_iteration.c -- see covariance_iteration.h. */
#include "lang/covariance/covariance_iteration.h"

/* ---- finding them */

typedef struct finder {
  covariance_state *k;
  covariance_sites *sites;
  bool fits;
} finder;

static void find_sites(finder *f, const ir_stmt *s);

static void find_in(finder *f, const ir_stmt *s, const ir_block *b, bool otherwise) {
  if (f->sites->at.n == MST_COVARIANCE_PATH) {
    f->fits = false;
    return;
  }
  f->sites->at.path[f->sites->at.n] = s;
  f->sites->at.otherwise[f->sites->at.n++] = otherwise;
  for (int i = 0; i < b->nstmts; i++) find_sites(f, b->stmt[i]);
  f->sites->at.n--;
}

static void find_sites(finder *f, const ir_stmt *s) {
  bool routine = s->kind == IR_ROUTINE;
  for (int i = 0; routine && i < s->nout; i++)
    if (s->out[i] == f->sites->matrix) f->fits = false;
  if (s->kind == IR_WHILE && (s->body.nstmts || s->other.nstmts)) {
    ir_set writes = {0};
    mst_ir_stmt_writes(f->k->c, s, &writes);
    if (mst_set_has(&writes, f->sites->matrix)) f->fits = false;
    return;
  }
  if (s->kind == IR_ASSIGN && s->var == f->sites->matrix) {
    f->sites->at.assign = s;
    if (f->sites->count == MST_COVARIANCE_SITES)
      f->fits = false;
    else
      f->sites->site[f->sites->count++] = f->sites->at;
  }
  if (s->body.nstmts) find_in(f, s, &s->body, false);
  if (s->other.nstmts) find_in(f, s, &s->other, true);
}

bool mst_covariance_find_sites(covariance_state *k, const ir_stmt *s, covariance_sites *sites) {
  finder f = {k, sites, true};
  sites->count = 0;
  sites->at = (covariance_site){0};
  find_sites(&f, s);
  return f.fits;
}

/* ---- which iteration of the loops writes the element */

/* row - a == 0 and so on: two conditions. */
static void zero(covariance_place *p, const lang_linear *form) {
  lang_linear back = mst_linear_int(0);
  mst_linear_add(&back, form, -1);
  p->cond[p->n++] = *form;
  p->cond[p->n++] = back;
}

/* What is left of an equation index == wanted when the counters are taken out: wanted - rest. */
static bool remainder_of(const lang_linear *wanted, const lang_linear *index,
                         ir_var *const *counter, int n, lang_linear *out) {
  *out = *wanted;
  if (!mst_linear_add(out, index, -1)) return false;
  for (int i = 0; i < n; i++) {
    lang_linear atom = mst_linear_atom(counter[i]);
    if (!mst_linear_add(out, &atom, mst_linear_factor(index, counter[i]))) return false;
  }
  return true;
}

static bool combine(lang_linear *out, int64_t a, const lang_linear *x, int64_t b,
                    const lang_linear *y) {
  *out = mst_linear_int(0);
  return mst_linear_add(out, x, a) && mst_linear_add(out, y, b);
}

static bool determine(covariance_state *k, ir_var *counter, const lang_linear *value) {
  mst_covariance_var(k, counter)->as = (covariance_as){.is_linear = true, .linear = *value};
  return true;
}

/* The counters in both indices from the two equations; what does not determine one is a
 * condition. */
static bool solve(covariance_state *k, const lang_linear index[2], const lang_linear wanted[2],
                  ir_var *const *counter, int n, covariance_place *p) {
  lang_linear left[2], value;
  for (int e = 0; e < 2; e++)
    if (!remainder_of(&wanted[e], &index[e], counter, n, &left[e])) return false;
  if (n == 0) {
    zero(p, &left[0]);
    zero(p, &left[1]);
    return true;
  }
  int64_t a = mst_linear_factor(&index[0], counter[0]),
          b = mst_linear_factor(&index[1], counter[0]);
  if (n == 1) {
    int e = a == 1 || a == -1 ? 0 : 1;
    int64_t factor = e ? b : a, other = e ? a : b;
    if (factor != 1 && factor != -1) return false;
    value = mst_linear_int(0);
    if (!mst_linear_add(&value, &left[e], factor)) return false;
    if (!mst_linear_add(&left[1 - e], &value, -other)) return false;
    zero(p, &left[1 - e]);
    return determine(k, counter[0], &value);
  }
  int64_t c = mst_linear_factor(&index[0], counter[1]),
          d = mst_linear_factor(&index[1], counter[1]);
  int64_t det = a * d - b * c;
  if (det != 1 && det != -1) return false;
  if (!combine(&value, det * d, &left[0], -det * c, &left[1]) || !determine(k, counter[0], &value))
    return false;
  return combine(&value, -det * b, &left[0], det * a, &left[1]) && determine(k, counter[1], &value);
}

/* Of each loop whose counter is determined: 0 <= counter < count. */
static bool bounds(covariance_state *k, covariance_site *s, ir_var *const *counter, int n,
                   covariance_place *p) {
  for (int i = 0; i < s->n; i++) {
    const ir_stmt *loop = s->path[i];
    bool known = false;
    if (loop->kind != IR_FOR) continue;
    for (int j = 0; j < n; j++) known |= counter[j] == loop->var;
    s->stays[i] = !known;
    if (!known) continue;
    lang_linear above;
    if (!mst_covariance_linear(k, loop->count, false, &above)) return false;
    above.constant--;
    if (!mst_linear_add(&above, &mst_covariance_var(k, loop->var)->as.linear, -1)) return false;
    s->iteration[i] = mst_covariance_var(k, loop->var)->as.linear;
    p->cond[p->n++] = s->iteration[i];
    p->cond[p->n++] = above;
  }
  return true;
}

covariance_outcome mst_covariance_find_iteration(covariance_state *k, covariance_site *s,
                                                 const lang_linear wanted[2],
                                                 covariance_place *rest) {
  lang_linear index[2];
  ir_var *counter[MST_COVARIANCE_PATH];
  int n = 0;
  covariance_place p = {.n = 0};
  for (int i = 0; i < s->n; i++) {
    if (s->path[i]->kind == IR_FOR) mst_covariance_var(k, s->path[i]->var)->as = (covariance_as){0};
    if (s->path[i]->kind != IR_FOR && s->path[i]->kind != IR_IF && s->path[i]->kind != IR_BLOCK)
      return MST_COVARIANCE_REFUSED;
  }
  for (int e = 0; e < 2; e++)
    if (!mst_covariance_linear(k, s->assign->index[e], true, &index[e]))
      return MST_COVARIANCE_REFUSED;
  for (int i = 0; i < s->n; i++) {
    if (s->path[i]->kind != IR_FOR) continue;
    ir_var *v = s->path[i]->var;
    if (mst_linear_factor(&index[0], v) || mst_linear_factor(&index[1], v)) counter[n++] = v;
  }
  if (n > 2 || !solve(k, index, wanted, counter, n, &p) || !bounds(k, s, counter, n, &p))
    return MST_COVARIANCE_REFUSED;
  rest->n = 0;
  for (int i = 0; i < p.n; i++) {
    if (mst_linear_fails(&p.cond[i], k->facts, k->nfacts)) return MST_COVARIANCE_NEVER;
    if (!mst_linear_holds(&p.cond[i], k->facts, k->nfacts)) rest->cond[rest->n++] = p.cond[i];
  }
  return rest->n ? MST_COVARIANCE_MAYBE : MST_COVARIANCE_ALWAYS;
}

bool mst_covariance_same_iterations(const covariance_site *a, const covariance_site *b) {
  for (int i = 0; i < a->n && i < b->n && a->path[i] == b->path[i]; i++)
    if (a->path[i]->kind == IR_FOR &&
        (a->stays[i] || b->stays[i] || !mst_linear_same(&a->iteration[i], &b->iteration[i])))
      return false;
  return true;
}
