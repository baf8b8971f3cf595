/* bpfc for C: filter expressions to classic BPF programs, and programs run on packets.
 *
 * For C99 and C++. Link with -lbpfc (pkg-config bpfc). bpfc(3) has an example.
 *
 *   bpfc_program *program = NULL;
 *   bpfc_filter *filter = NULL;
 *   bpfc_error error;
 *   if (bpfc_compile("tcp port 80", NULL, &program, &error) != BPFC_OK ||
 *       bpfc_filter_create(program, BPFC_ENGINE_AUTO, &filter, &error) != BPFC_OK) {
 *     fprintf(stderr, "%s\n", error.message);
 *   }
 *   bpfc_program_free(program);
 *   if (bpfc_filter_run(filter, packet, captured, length) != 0) ...
 *   bpfc_filter_free(filter);
 *
 * Ownership. What a function makes is the caller's, to be freed by the function of its kind;
 * freeing NULL does nothing. What is handed in is read during the call only: a filter does not need
 * its program any more.
 *
 * Threads. Every function may be called by many threads at once. Programs and filters never change:
 * many threads may use one, until one thread frees it.
 *
 * Errors. Functions that can fail return BPFC_OK or another code, and leave their result as it was
 * then. The same code stands in *error, if `error` is not NULL, whatever was there before. Nothing
 * is printed, no C++ exception comes out. To free NULL does nothing; otherwise programs and filters
 * may not be NULL.
 *
 * ABI. Within one major version (the number of the soname) no function, value or field changes its
 * meaning or place; new ones may come.
 */
#ifndef BPFC_BPFC_H
#define BPFC_BPFC_H

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define BPFC_API __attribute__((visibility("default")))
/* The library may read arrays of it as its own type of that layout. */
#define BPFC_MAY_ALIAS __attribute__((may_alias))
#else
#define BPFC_API
#define BPFC_MAY_ALIAS
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* An instruction of a classic BPF program: linux/filter.h has it, and so does struct bpf_insn of
 * pcap/bpf.h its layout. */
struct sock_filter;

/* A verified program. */
typedef struct bpfc_program bpfc_program;
/* A program made ready to run on packets. */
typedef struct bpfc_filter bpfc_filter;

/* What went wrong. */
enum {
  BPFC_OK = 0,
  BPFC_ERROR_EXPRESSION = 1, /* the expression: `position` and `length` are bytes of it */
  BPFC_ERROR_OPTION = 2,     /* an option or argument */
  BPFC_ERROR_PROGRAM = 3,    /* the instructions: `position` is the index of one */
  BPFC_ERROR_ENGINE = 4,     /* that engine cannot run here; another may */
  BPFC_ERROR_MEMORY = 5,
  BPFC_ERROR_INTERNAL = 6 /* a bug of bpfc */
};

typedef struct bpfc_error {
  int code; /* BPFC_ERROR_* */
  uint32_t position;
  uint32_t length;
  uint32_t reserved;
  /* A stable name, such as "unknown-name"; of an expression's errors those of bpfc/diagnostic.h.
   * Never freed. */
  const char* kind;
  /* One sentence, no full stop, UTF-8 where the expression was; cut where it is too long. */
  char message[232];
} bpfc_error;

/* Flags of bpfc_options. */
enum {
  BPFC_NO_OPTIMIZATION = 1U << 0, /* the filter as it was lowered */
  BPFC_OPTIMIZE_SIZE = 1U << 1,   /* few instructions rather than few executed */
  BPFC_OPTIMIZE_FULL = 1U << 2,   /* may search for seconds */
  /* The program is for SO_ATTACH_FILTER on a live socket: VLAN tags, the packet type and the
   * interface come from ancillary loads. */
  BPFC_LIVE_SOCKET = 1U << 3,
  /* No name is looked up: neither in the system's files nor over the network. Every name of a host,
   * network, port, protocol or Ethernet address is unknown then. */
  BPFC_NUMBERS_ONLY = 1U << 4
};

/* The link type DLT_NULL, whose number means the default here. */
#define BPFC_LINK_TYPE_NULL (-1)

/* Zero of any field is the default. */
typedef struct bpfc_options {
  int link_type;    /* DLT_*; 0: Ethernet (DLT_EN10MB) */
  uint32_t snaplen; /* what an accepting program returns; 0: 262144 */
  uint32_t netmask; /* of the IPv4 network, host order, for `ip broadcast`; 0: not known */
  unsigned flags;   /* BPFC_NO_OPTIMIZATION ... */
} bpfc_options;

/* Compiles an expression (bpfc-filter(7), which is pcap-filter(7)). `options` may be NULL: all
 * defaults. The program runs by libpcap's arithmetic, with BPFC_LIVE_SOCKET by the kernel's. */
BPFC_API int bpfc_compile(const char* expression, const bpfc_options* options,
                          bpfc_program** program, bpfc_error* error);

/* Verifies a copy of `count` instructions. What the kernel accepts runs by its rules; what only
 * libpcap accepts (backward jumps, more than 4096 instructions) by those, and a backward jump ends
 * the program, returning 0, once about a million instructions have been executed. */
BPFC_API int bpfc_program_from_instructions(const struct sock_filter* instructions, size_t count,
                                            bpfc_program** program, bpfc_error* error);

/* For SO_ATTACH_FILTER and the like. They stand as long as the program; *count is set if `count` is
 * not NULL. */
BPFC_API const struct sock_filter* bpfc_program_instructions(const bpfc_program* program,
                                                             size_t* count);

BPFC_API void bpfc_program_free(bpfc_program* program);

typedef enum bpfc_engine {
  BPFC_ENGINE_AUTO = 0, /* machine code where that is possible, else the interpreter */
  BPFC_ENGINE_INTERPRETER = 1,
  BPFC_ENGINE_JIT = 2
} bpfc_engine;

/* Linear in the program's length: microseconds for small ones. */
BPFC_API int bpfc_filter_create(const bpfc_program* program, bpfc_engine engine,
                                bpfc_filter** filter, bpfc_error* error);

/* Which engine it is: never BPFC_ENGINE_AUTO. */
BPFC_API bpfc_engine bpfc_filter_engine(const bpfc_filter* filter);

/* What the program returns of a packet: the number of bytes to keep, 0 to reject. `captured` bytes
 * are at `packet` (which may be NULL where that is 0), of `length` on the wire. Reads nothing else;
 * ancillary loads yield 0. */
BPFC_API uint32_t bpfc_filter_run(const bpfc_filter* filter, const uint8_t* packet,
                                  uint32_t captured, uint32_t length);

typedef struct BPFC_MAY_ALIAS bpfc_packet {
  const uint8_t* data;
  uint32_t captured; /* bytes at `data` */
  uint32_t length;   /* on the wire */
} bpfc_packet;

/* The same for `count` packets at once, which is faster the more they vary. `verdicts` has room for
 * as many. */
BPFC_API void bpfc_filter_run_batch(const bpfc_filter* filter, const bpfc_packet* packets,
                                    size_t count, uint32_t* verdicts);

BPFC_API void bpfc_filter_free(bpfc_filter* filter);

/* "1.2.3". Never freed. */
BPFC_API const char* bpfc_version(void);

#ifdef __cplusplus
}
#endif

#endif
