#include "tests/compiler/known_names.h"

namespace bpfc::testing {

TableNameResolver known_names() {
  NameTable table;
  table.hosts["multi"] = {{0x01020304, 0x05060708}, {{0xfe, 0x80}, {0x20, 0x01}}};
  table.hosts["four"] = {{0x01020304}, {}};
  table.hosts["six"] = {{}, {{0x20, 0x01}}};
  table.ethers["four"] = {1, 2, 3, 4, 5, 6};
  table.ethers["nohost"] = {1, 2, 3, 4, 5, 6};
  table.networks["loop"] = 127;
  table.networks["zero"] = 0;
  table.ports["both"] = {.tcp = 80, .udp = 80, .sctp = {}};
  table.ports["tcponly"] = {.tcp = 81, .udp = {}, .sctp = {}};
  table.ports["udponly"] = {.tcp = {}, .udp = 82, .sctp = {}};
  table.ports["differ"] = {.tcp = 83, .udp = 84, .sctp = {}};
  table.ports["sctponly"] = {.tcp = {}, .udp = {}, .sctp = 85};
  table.protocols["tcp"] = 6;
  table.protocols["mptcp"] = 262;
  return TableNameResolver(table);
}

}  // namespace bpfc::testing
