/* tests/unit/ir_kit.c -- see ir_kit.h. */
#include "ir_kit.h"

#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lang/diff/diff.h"
#include "lang/emit/emit.h"
#include "lang/ir/ir_verify.h"
#include "lang/optimise/optimise.h"

void kit_begin(kit *k, const char *name) {
  memset(k, 0, sizeof *k);
  k->p.name = name;
  k->at = &k->p.density;
}

void kit_end(kit *k) { mst_lang_free(&k->c); }

ir_expr *kit_num(kit *k, double x) { return mst_ir_real(&k->c, x); }
ir_expr *kit_int(kit *k, int64_t x) { return mst_ir_int(&k->c, x); }
ir_expr *kit_op(kit *k, ir_prim prim, ir_expr *a, ir_expr *b) {
  return mst_ir_call(&k->c, prim, b ? 2 : 1, (ir_expr *[]){a, b});
}
ir_expr *kit_get(kit *k, ir_var *v) { return mst_ir_scalar(&k->c, v); }
ir_expr *kit_at(kit *k, ir_var *v, ir_expr *i) { return mst_ir_load(&k->c, v, 1, &i); }
ir_expr *kit_at2(kit *k, ir_var *v, ir_expr *i, ir_expr *j) {
  return mst_ir_load(&k->c, v, 2, (ir_expr *[]){i, j});
}

ir_var *kit_theta(kit *k, const char *name, int64_t count) {
  ir_expr *dim = kit_int(k, count);
  ir_parameter q = {0};
  q.theta = mst_ir_var(&k->c, &k->p, name, IR_LANE, IR_THETA, 1, &dim);
  q.value = mst_ir_var(&k->c, &k->p, name, IR_REAL, IR_THETA, 1, &dim);
  q.theta->source_name = name;
  MST_LANG_PUSH(&k->c, k->p.param, k->p.nparams, q);
  return q.theta;
}

ir_var *kit_data(kit *k, const char *name, ir_type type, ir_var *size) {
  ir_expr *dim = size ? kit_get(k, size) : NULL;
  ir_var *v = mst_ir_var(&k->c, &k->p, name, type, IR_DATA, size != NULL, &dim);
  v->source_name = name;
  MST_LANG_PUSH(&k->c, k->p.data, k->p.ndata, v);
  return v;
}

static ir_stmt *statement(kit *k, ir_stmt_kind kind) {
  ir_stmt *s = mst_ir_stmt(&k->c, kind, (lang_loc){0});
  mst_ir_append(&k->c, k->at, s);
  return s;
}

static ir_var *declare(kit *k, const char *name, ir_type type, ir_expr *value, int ndims,
                       ir_expr **dim) {
  ir_var *v = mst_ir_var(&k->c, &k->p, name, type, IR_LOCAL, ndims, dim);
  ir_stmt *s = statement(k, IR_DECL);
  s->var = v;
  s->rhs = value;
  return v;
}

ir_var *kit_lane(kit *k, const char *name, ir_expr *value) {
  ir_var *v = declare(k, name, value->type, value, 0, NULL);
  v->constant = v->once = true;
  return v;
}

ir_var *kit_local(kit *k, const char *name, ir_type type, ir_expr *value) {
  return declare(k, name, type, value, 0, NULL);
}

ir_var *kit_array(kit *k, const char *name, ir_type type, ir_expr *dim) {
  return declare(k, name, type, NULL, 1, &dim);
}

static void assign(kit *k, ir_var *v, ir_expr *index, ir_expr *value, bool add) {
  ir_stmt *s = statement(k, IR_ASSIGN);
  s->var = v;
  s->rhs = value;
  s->add = add;
  if (!index) return;
  s->index = MST_LANG_ARRAY(&k->c, ir_expr *, 1);
  s->index[0] = index;
  s->nindices = 1;
}

void kit_set(kit *k, ir_var *v, ir_expr *index, ir_expr *value) {
  assign(k, v, index, value, false);
}
void kit_add(kit *k, ir_var *v, ir_expr *index, ir_expr *value) {
  assign(k, v, index, value, true);
}
void kit_target(kit *k, ir_expr *value) { statement(k, IR_TARGET)->rhs = value; }

ir_stmt *kit_for(kit *k, ir_var **counter, ir_expr *count) {
  ir_stmt *s = statement(k, IR_FOR);
  *counter = s->var = mst_ir_var(&k->c, &k->p, "i", IR_INT, IR_LOOP, 0, NULL);
  s->count = count;
  k->at = &s->body;
  return s;
}

ir_stmt *kit_if(kit *k, ir_expr *cond) {
  ir_stmt *s = statement(k, IR_IF);
  s->cond = cond;
  k->at = &s->body;
  return s;
}

ir_stmt *kit_while(kit *k, ir_expr *cond) {
  ir_stmt *s = statement(k, IR_WHILE);
  s->cond = cond;
  k->at = &s->body;
  return s;
}

void kit_routine(kit *k, const char *name, ir_expr *const *size, int nsizes, ir_var *const *in,
                 int nin, ir_var *out) {
  ir_stmt *s = statement(k, IR_ROUTINE);
  s->name = name;
  s->size = MST_LANG_ARRAY(&k->c, ir_expr *, nsizes);
  memcpy(s->size, size, (size_t)nsizes * sizeof *size);
  s->nsizes = nsizes;
  s->in = MST_LANG_ARRAY(&k->c, ir_var *, nin);
  memcpy(s->in, in, (size_t)nin * sizeof *in);
  s->nin = nin;
  s->out = MST_LANG_ARRAY(&k->c, ir_var *, 1);
  s->out[0] = out;
  s->nout = 1;
}

/* ---- objects */

typedef struct emit_job {
  kit *k;
  const char *text;
} emit_job;

static void emit(lang_context *c, void *argument) {
  emit_job *j = argument;
  mst_diff_program(c, &j->k->p);
  mst_ir_verify(c, &j->k->p, "diff");
  j->text = mst_emit(c, &j->k->p);
}

kit_model kit_compile(kit *k, bool optimise) {
  kit_model m = {0};
  char folder[] = "/tmp/masting-ir-XXXXXX", source[64], object[64], command[1024], symbol[64];
  if (optimise) {
    mst_optimise(&k->c, &k->p, &k->p.density);
    mst_optimise(&k->c, &k->p, &k->p.rows);
  }
  emit_job job = {k, NULL};
  if (!mst_lang_enter(&k->c, emit, &job)) fail_msg("%s", k->c.error);
  m.text = job.text;
  if (!mkdtemp(folder)) fail_msg("no temporary folder");
  snprintf(source, sizeof source, "%s/m.c", folder);
  snprintf(object, sizeof object, "%s/m.so", folder);
  FILE *f = fopen(source, "w");
  assert_non_null(f);
  fputs(m.text, f);
  fclose(f);
  const char *flags = getenv("MASTING_TEST_IR_FLAGS");
  snprintf(command, sizeof command,
           "%s -std=gnu17 %s -Wall -Werror -Wno-psabi -fPIC -shared -DMASTING_LANES=%d -I%s %s %s "
           "-o %s %s -lm",
           TEST_CC, flags ? flags : "-O1", MASTING_LANES, TEST_INCLUDE, TEST_SLEEF_CFLAGS, source,
           object, TEST_SLEEF_LIBS);
  if (system(command) != 0) fail_msg("does not compile:\n%s", m.text);
  m.object = dlopen(object, RTLD_NOW | RTLD_LOCAL);
  if (!m.object) fail_msg("%s", dlerror());
  unlink(source);
  unlink(object);
  rmdir(folder);
  snprintf(symbol, sizeof symbol, "masting_model_w%d", MASTING_LANES);
  m.model = dlsym(m.object, symbol);
  assert_non_null(m.model);
  return m;
}

void kit_setup(kit_model *m) {
  const char *message = m->model->setup(NULL, m->size, m->data, &m->state);
  if (!message) message = m->model->begin(m->state, m->size, 2);
  if (message) fail_msg("%s", message);
}

void kit_close(kit_model *m) {
  m->model->teardown(m->state);
  dlclose(m->object);
}

static int64_t shared_elements(const kit_model *m) {
  int64_t total = 0;
  for (int i = 0; i < m->model->nshared; i++) {
    int64_t n = 1;
    for (int k = 0; k < m->model->shared[i].ndims; k++) n *= m->size[m->model->shared[i].dims[k]];
    total += n;
  }
  return total;
}

static vreal *lanes(int64_t n) {
  vreal *x = aligned_alloc(64, ((size_t)(n + 1) * sizeof *x + 63) & ~(size_t)63);
  for (int64_t i = 0; i <= n; i++) x[i] = v_all(0.0);
  return x;
}

void kit_evaluate(kit_model *m, kit_point *at) {
  const masting_model *model = m->model;
  int64_t nshared = shared_elements(m);
  vreal *shared = lanes(nshared), *shared_grad = lanes(nshared);
  for (int i = 0; i < at->n; i++) at->grad[i] = v_all(0.0);
  at->lp = v_all(0.0);
  if (model->prepare) { /* twice: what the first kept must not matter */
    model->prepare(m->state, 1, m->size, m->data, at->theta, shared, NULL);
    model->prepare(m->state, 1, m->size, m->data, at->theta, shared, NULL);
  }
  if (model->rows)
    model->rows(m->state, &(masting_block){.rows = at->rows,
                                           .data = m->data,
                                           .size = m->size,
                                           .theta = nshared ? shared : at->theta,
                                           .theta_grad = nshared ? shared_grad : at->grad,
                                           .local = at->local,
                                           .local_grad = at->local_grad,
                                           .lp = &at->lp});
  if (model->global)
    model->global(m->state, 1, m->size, m->data, at->theta, shared_grad, NULL, at->grad, &at->lp);
  free(shared);
  free(shared_grad);
}

static vreal value_at(kit_model *m, const kit_point *at, bool local, int i, double step) {
  kit_point q = *at;
  q.theta = lanes(at->n);
  q.grad = lanes(at->n);
  q.local = lanes(at->rows * at->locals);
  q.local_grad = lanes(at->rows * at->locals);
  memcpy(q.theta, at->theta, (size_t)at->n * sizeof *q.theta);
  if (at->locals) memcpy(q.local, at->local, (size_t)(at->rows * at->locals) * sizeof *q.local);
  if (local)
    q.local[i] += step;
  else
    q.theta[i] += step;
  kit_evaluate(m, &q);
  free(q.theta);
  free(q.grad);
  free(q.local);
  free(q.local_grad);
  return q.lp;
}

void kit_check_gradient(kit_model *m, kit_point *at, double tolerance) {
  const double h = 1e-5;
  kit_evaluate(m, at);
  for (int i = 0; i < at->n + at->rows * at->locals; i++) {
    bool local = i >= at->n;
    int k = local ? i - at->n : i;
    vreal got = local ? at->local_grad[k] : at->grad[k];
    vreal want = (8.0 * (value_at(m, at, local, k, h) - value_at(m, at, local, k, -h)) -
                  (value_at(m, at, local, k, 2 * h) - value_at(m, at, local, k, -2 * h))) /
                 (12.0 * h);
    for (int lane = 0; lane < MASTING_LANES; lane++) {
      double g = v_get(got, lane), w = v_get(want, lane);
      if (!(fabs(g - w) <= tolerance * (1 + fabs(w))))
        fail_msg("slope by %s %d, lane %d: %.12g, differences say %.12g\n%s",
                 local ? "local" : "theta", k, lane, g, w, m->text);
    }
  }
}
