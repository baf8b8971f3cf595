/* Compiles a filter and runs it on one packet: the C interface. */
#include <bpfc/bpfc.h>
#include <stdio.h>

/* Ethernet, IPv4, TCP from port 4660 to port 80. */
static const uint8_t kPacket[] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0,  0, 0,    1, 0x08, 0x00, 0x45, 0, 0,    40,
    0,    0,    0,    0,    64,   6,    0, 0, 10, 0, 0,    1, 10,   0,    0,    2, 0x12, 0x34,
    0,    80,   0,    0,    0,    0,    0, 0, 0,  0, 0x50, 2, 0,    0,    0,    0, 0,    0};

int main(int argc, char** argv) {
  const char* expression = argc > 1 ? argv[1] : "tcp port 80";
  bpfc_program* program = NULL;
  bpfc_filter* filter = NULL;
  bpfc_error error;
  size_t length = 0;

  if (bpfc_compile(expression, NULL, &program, &error) != BPFC_OK) {
    fprintf(stderr, "%s\n%*s^ %s (%s)\n", expression, (int)error.position, "", error.message,
            error.kind);
    return 1;
  }
  bpfc_program_instructions(program, &length);
  if (bpfc_filter_create(program, BPFC_ENGINE_AUTO, &filter, &error) != BPFC_OK) {
    fprintf(stderr, "%s\n", error.message);
    bpfc_program_free(program);
    return 1;
  }
  bpfc_program_free(program);
  printf("%zu instructions, verdict %u\n", length,
         (unsigned)bpfc_filter_run(filter, kPacket, sizeof kPacket, sizeof kPacket));
  bpfc_filter_free(filter);
  return 0;
}
