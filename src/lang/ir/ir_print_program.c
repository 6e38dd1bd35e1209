/* lang/ir/ir_print_program.c -- see ir_print.h: a program, its variables from outside and its
 * blocks. */
#include "lang/ir/ir_ode.h"
#include "lang/ir/ir_print.h"
#include "lang/ir/ir_walk.h"

static void print_list(FILE *f, const char *what, ir_var *const *var, int n) {
  for (int i = 0; i < n; i++) {
    fprintf(f, "%s ", what);
    mst_ir_print_var(f, var[i]);
    fputc('\n', f);
  }
}

static void print_names(FILE *f, ir_var *const *var, int n) {
  for (int i = 0; i < n; i++) {
    if (i) fputs(", ", f);
    mst_ir_print_name(f, var[i]);
  }
  fputc('\n', f);
}

static void print_part(FILE *f, const char *name, const ir_block *b) {
  if (b->nstmts == 0) return;
  fprintf(f, "%s {\n", name);
  mst_ir_print_block(f, b, 1);
  fputs("}\n", f);
}

static void print_sweeps(FILE *f, const char *name, const ir_gradient *g) {
  const struct {
    const char *which;
    const ir_block *block;
  } part[] = {{"forward", &g->forward}, {"reverse", &g->reverse}};
  for (int i = 0; i < 2; i++) {
    if (part[i].block->nstmts == 0) continue;
    fprintf(f, "%s %s {\n", name, part[i].which);
    mst_ir_print_block(f, part[i].block, 1);
    fputs("}\n", f);
  }
}

/* ---- differential equations, where a statement first solves them */

typedef struct equations {
  FILE *f;
  const ir_ode *printed[64];
  int count;
} equations;

static void print_equation(const ir_stmt *s, void *argument) {
  equations *q = argument;
  const ir_ode *ode = s->kind == IR_ROUTINE ? s->ode : NULL;
  if (!ode || q->count == 64) return;
  for (int i = 0; i < q->count; i++)
    if (q->printed[i] == ode) return;
  q->printed[q->count++] = ode;
  for (int i = 0; i < ode->block.nstmts; i++)
    mst_ir_visit_stmts(ode->block.stmt[i], print_equation, q);
  fprintf(q->f, "equation %s by %s: ", ode->function, ode->method);
  print_names(q->f, (ir_var *const[]){ode->t, ode->y, ode->dydt}, 3);
  if (ode->differentiated)
    print_sweeps(q->f, "slopes", &ode->gradient);
  else
    print_part(q->f, "slopes", &ode->block);
}

static void print_equations(FILE *f, const ir_program *p) {
  equations q = {.f = f};
  const ir_block *const list[] = {&p->setup,
                                  &p->density,
                                  &p->density_gradient.forward,
                                  &p->density_gradient.reverse,
                                  &p->rows,
                                  &p->generate,
                                  &p->generate_rows};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    for (int k = 0; k < list[i]->nstmts; k++)
      mst_ir_visit_stmts(list[i]->stmt[k], print_equation, &q);
}

/* ---- normals */

static void print_normal(FILE *f, const ir_program *p, int k) {
  const ir_normal *n = &p->normal[k];
  fprintf(f, "normal %d, line %d: ", k, n->loc.line);
  print_names(f, (ir_var *const[]){n->residual, n->order}, 2);
  for (int i = 0; i < n->ninputs; i++) {
    fprintf(f, "input %d: ", i);
    print_names(f, (ir_var *const[]){n->input[i], n->formal[i]}, 2);
  }
  print_part(f, "covariance", &n->covariance);
  if (p->differentiated)
    print_sweeps(f, "slopes", &n->gradient);
  else
    print_part(f, "slopes", &n->slopes);
}

void mst_ir_print(FILE *f, const ir_program *p) {
  fprintf(f, "program %s%s%s\n", p->name, p->one_lane ? " (one lane)" : "",
          p->split ? " (split)" : "");
  print_list(f, "data", p->data, p->ndata);
  if (p->shard_size) {
    fputs("cut ", f);
    print_names(f, &p->shard_size, 1);
  }
  for (int i = 0; i < p->nparams; i++)
    print_list(f, p->param[i].local ? "row parameter" : "parameter", &p->param[i].theta, 1);
  print_list(f, "shared", p->shared, p->nshared);
  print_list(f, "output", p->output, p->noutputs);
  print_list(f, "row output", p->row_output, p->nrow_outputs);
  print_part(f, "setup", &p->setup);
  for (int i = 0; i < p->nphases; i++) {
    print_list(f, "sum", p->phase[i].sum, p->phase[i].nsums);
    print_part(f, "phase rows", &p->phase[i].rows);
    print_part(f, "phase after", &p->phase[i].after);
  }
  if (p->differentiated) {
    print_sweeps(f, "density", &p->density_gradient);
    print_sweeps(f, "rows", &p->rows_gradient);
  } else {
    print_part(f, "density", &p->density);
    print_part(f, "rows", &p->rows);
  }
  for (int i = 0; i < p->nnormals; i++) print_normal(f, p, i);
  print_part(f, "generate", &p->generate);
  print_part(f, "generate rows", &p->generate_rows);
  print_equations(f, p);
}
