/* lang/context.c -- see context.h. */
#include "lang/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

/* Under AddressSanitizer every piece is an allocation of its own, so that overruns are seen. */
#ifdef __SANITIZE_ADDRESS__
#define CHUNK 0
#else
#define CHUNK ((size_t)1 << 16)
#endif
#define ALIGN 16

typedef struct chunk {
  struct chunk *next;
  size_t used, size;
  _Alignas(ALIGN) char byte[];
} chunk;

static chunk *new_chunk(size_t size) {
  chunk *k = size > SIZE_MAX / 2 ? NULL : calloc(1, sizeof *k + size);
  if (!k) {
    fprintf(stderr, "masting: error: compiler: no memory for %zu bytes; try a smaller model\n",
            size);
    fflush(stderr);
    if (mst_abort_hook) mst_abort_hook();
    exit(masting_exit_status(MASTING_ERR_MEMORY));
  }
  k->size = size;
  return k;
}

void *mst_lang_alloc(lang_context *c, size_t bytes) {
  chunk *head = c->pool;
  size_t need = (bytes + ALIGN - 1) & ~(size_t)(ALIGN - 1);
  if (head && head->size - head->used >= need) {
    void *p = head->byte + head->used;
    head->used += need;
    return p;
  }
  chunk *k = new_chunk(need > CHUNK / 4 ? bytes : CHUNK);
  k->used = need > CHUNK / 4 ? k->size : need;
  if (head && need > CHUNK / 4) { /* a piece of its own: the head keeps its room */
    k->next = head->next;
    head->next = k;
  } else {
    k->next = head;
    c->pool = k;
  }
  return k->byte;
}

char *mst_lang_copy(lang_context *c, const char *text, size_t bytes) {
  char *p = mst_lang_alloc(c, bytes + 1);
  memcpy(p, text, bytes);
  return p;
}

static char *format_list(lang_context *c, const char *format, va_list list) {
  va_list again;
  MST_ASSERT(format); /* or gcc warns under -fsanitize=undefined */
  va_copy(again, list);
  int n = vsnprintf(NULL, 0, format, list);
  MST_ASSERT(n >= 0);
  char *p = mst_lang_alloc(c, (size_t)n + 1);
  vsnprintf(p, (size_t)n + 1, format, again);
  va_end(again);
  return p;
}

char *mst_lang_format(lang_context *c, const char *format, ...) {
  va_list list;
  va_start(list, format);
  char *p = format_list(c, format, list);
  va_end(list);
  return p;
}

void *mst_lang_grow(lang_context *c, const void *list, size_t size, size_t count) {
  char *p = mst_lang_alloc(c, (count ? 2 * count : 1) * size);
  if (count) memcpy(p, list, count * size);
  return p;
}

int mst_lang_source(lang_context *c, const char *name, const char *text) {
  lang_source s = {.name = mst_lang_copy(c, name, strlen(name)), .text = text};
  MST_LANG_PUSH(c, c->source, c->nsources, s);
  return c->nsources - 1;
}

const lang_source *mst_lang_source_of(const lang_context *c, int file) {
  if (file >= 0) return file < c->nsources ? &c->source[file] : NULL;
  return -1 - file < c->nlibrary ? &c->library[-1 - file] : NULL;
}

/* Start of a line of a text, or NULL when there are fewer. */
static const char *line_start(const char *text, int line) {
  for (; line > 1; line--) {
    text = strchr(text, '\n');
    if (!text) return NULL;
    text++;
  }
  return text;
}

#define SHOWN 120 /* bytes of a line at most */

/* The line and the caret below it, each after a newline; long lines are cut around the column. */
static char *excerpt(lang_context *c, lang_loc loc, int width) {
  const char *line = line_start(mst_lang_source_of(c, loc.file)->text, loc.line);
  if (!line) return mst_lang_copy(c, "", 0);
  size_t n = strcspn(line, "\r\n"), at = (size_t)loc.column - 1, first = 0;
  if (at > n) at = n;
  if (at > SHOWN - 20) first = at - SHOWN / 2;
  while (first && (line[first] & 0xC0) == 0x80) first--;
  size_t last = n - first > SHOWN ? first + SHOWN : n;
  while (last < n && (line[last] & 0xC0) == 0x80) last++;
  char *text = mst_lang_alloc(c, 2 * (last - first) + SHOWN), *p = text;
  p += sprintf(p, "\n  %s", first ? "..." : "");
  for (size_t i = first; i < last; i++) {
    unsigned char b = (unsigned char)line[i];
    *p++ = (b < 0x20 && b != '\t') || b == 0x7F ? '?' : (char)b;
  }
  p += sprintf(p, "%s\n  %s", last < n ? "..." : "", first ? "   " : "");
  for (size_t i = first; i < at; i++)
    if ((line[i] & 0xC0) != 0x80) *p++ = line[i] == '\t' ? '\t' : ' ';
  *p++ = '^';
  for (size_t i = at + 1; i < last && i < at + (size_t)(width > 0 ? width : 1); i++)
    if ((line[i] & 0xC0) != 0x80) *p++ = '~';
  *p = '\0';
  return text;
}

/* The whole message: place, text, line, caret, and which #include brought the file. */
static char *complete(lang_context *c, lang_loc loc, int width, const char *text) {
  const lang_source *source = mst_lang_source_of(c, loc.file);
  if (!source) return mst_lang_format(c, "%s", text);
  if (loc.line < 1) return mst_lang_format(c, "%s: %s", source->name, text);
  char *whole = mst_lang_format(c, "%s:%d:%d: %s%s", source->name, loc.line, loc.column, text,
                                excerpt(c, loc, width));
  for (lang_loc from = source->from; from.line; from = source->from) {
    source = mst_lang_source_of(c, from.file);
    whole = mst_lang_format(c, "%s\n  (included at %s:%d)", whole, source->name, from.line);
  }
  return whole;
}

void mst_lang_fail(lang_context *c, lang_loc loc, int width, const char *format, ...) {
  va_list list;
  va_start(list, format);
  char *text = format_list(c, format, list);
  va_end(list);
  c->error = complete(c, loc, width, text);
  longjmp(c->entry, 1);
}

void mst_lang_warn(lang_context *c, lang_loc loc, int width, const char *format, ...) {
  va_list list;
  va_start(list, format);
  char *text = format_list(c, format, list);
  va_end(list);
  char *whole = complete(c, loc, width, text);
  for (int i = 0; i < c->nwarnings; i++)
    if (strcmp(c->warning[i], whole) == 0) return;
  MST_LANG_PUSH(c, c->warning, c->nwarnings, whole);
}

bool mst_lang_enter(lang_context *c, void (*body)(lang_context *c, void *argument),
                    void *argument) {
  jmp_buf outer;
  memcpy(&outer, &c->entry, sizeof outer);
  c->error = NULL;
  bool done = false;
  if (setjmp(c->entry) == 0) {
    body(c, argument);
    done = true;
  }
  memcpy(&c->entry, &outer, sizeof outer);
  return done;
}

void mst_lang_free(lang_context *c) {
  for (chunk *k = c->pool, *next; k; k = next) {
    next = k->next;
    free(k);
  }
  *c = (lang_context){0};
}
