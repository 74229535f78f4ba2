#!/usr/bin/env python3
"""Writes streams that the protocols' own packages make to the folder given: all, or those of the functions named.

Every stream has at least 20 frames of mixed lengths. Where the protocol allows, half of the payloads hold its sync bytes.
"""
import pathlib
import subprocess
import sys

folder = pathlib.Path(sys.argv[1])


def save(name, *streams):
    for role, frames in zip(("client", "server"), streams):
        path = folder / name / f"{role}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(frames))
        print(name, role, len(frames), "frames,", path.stat().st_size, "bytes")


def ubx():
    from pyubx2 import SET, UBXMessage, POLL
    sync = b"\xb5\x62"
    frames = [UBXMessage("CFG", "CFG-MSG", POLL, msgClass=0x0A, msgID=n).serialize() for n in range(6)]
    frames += [UBXMessage("MON", "MON-VER", POLL).serialize(), UBXMessage("CFG", "CFG-PRT", POLL, portID=1).serialize()]
    frames += [UBXMessage("INF", "INF-NOTICE", 0, payload=sync * n + b"text").serialize() for n in range(8)]
    frames += [UBXMessage("CFG", "CFG-RATE", SET, measRate=sync[0] + n * 256, navRate=1, timeRef=0).serialize() for n in range(6)]
    save("ubx", frames)


def nmea():
    import pynmea2
    frames = []
    for n in range(12):
        frames.append(pynmea2.GLL("GP", "GLL", ("5300.9%d" % n, "N", "00259.98174", "E", "1259%02d" % n, "A")))
        frames.append(pynmea2.RMC("GP", "RMC", ("1259%02d" % n, "A", "5300.97914", "N", "00259.98", "E", "0.%d" % n, "", "290120", "", "")))
    save("nmea", [frame.render(newline=True).encode() for frame in frames])


def rtcm3():
    from pyrtcm import RTCMMessage
    save("rtcm3", [RTCMMessage(payload=bytes([0x3E, 0x70 | n % 16]) + bytes([0xD3, 0x00]) * (n // 2) + bytes([n]))
                   .serialize() for n in range(24)])


def sbp():
    from sbp.logging import MsgLog
    save("sbp", [MsgLog(level=n % 8, text=b"U" * n).to_binary() for n in range(24)])


def crsf():
    from crsf_parser.frames import crsf_frame
    from crsf_parser.handling import crsf_build_frame
    from crsf_parser.payloads import PacketsTypes
    frames = []
    for n in range(12):
        frames.append(crsf_build_frame(PacketsTypes.BATTERY_SENSOR, {
            "voltage": 100 + n, "current": 0xC8, "capacity": 1000, "remaining": n}))
        frames.append(crsf_build_frame(PacketsTypes.LINK_STATISTICS, {
            "uplink_rssi_ant_1": 0xC8, "uplink_rssi_ant_2": n, "uplink_link_quality": 100, "uplink_snr": 1,
            "diversity_active_antenna": 0, "rf_mode": 2, "uplink_tx_power": 3, "downlink_rssi": 1,
            "downlink_link_quality": 100, "downlink_snr": 4}))
    save("crsf", frames)


def modbus_rtu():
    from pymodbus.framer import FramerRTU
    from pymodbus.pdu import DecodePDU
    import pymodbus.pdu.register_message as r
    import pymodbus.pdu.bit_message as b
    requests, responses = FramerRTU(DecodePDU(True)), FramerRTU(DecodePDU(False))
    asked, answered = [], []
    for n in range(1, 9):
        asked += [r.ReadHoldingRegistersRequest(address=n, count=n, dev_id=n),
                  r.WriteMultipleRegistersRequest(address=n, registers=[0x0103] * n, dev_id=n),
                  b.ReadCoilsRequest(address=n, count=n, dev_id=n)]
        answered += [r.ReadHoldingRegistersResponse(registers=[0x0103] * n, dev_id=n),
                     r.WriteMultipleRegistersResponse(address=n, count=n, dev_id=n),
                     b.ReadCoilsResponse(bits=[True] * n, dev_id=n)]
    from pymodbus.framer import FramerAscii
    ascii = FramerAscii(DecodePDU(True))
    save("modbus-ascii", [ascii.buildFrame(pdu) for pdu in asked])
    save("modbus-rtu", [requests.buildFrame(pdu) for pdu in asked])
    save("modbus-rtu-responses", [responses.buildFrame(pdu) for pdu in answered])


def esp3():
    from enocean.protocol.packet import Packet, RadioPacket
    from enocean.protocol.constants import PACKET, RORG
    frames = [Packet(PACKET.COMMON_COMMAND, data=[0x08])]
    frames += [Packet(PACKET.COMMON_COMMAND, data=[0x55] * n, optional=[0x55] * (n % 3)) for n in range(1, 20)]
    frames += [RadioPacket.create(rorg=RORG.BS4, rorg_func=0x20, rorg_type=0x01, sender=[0xDE, 0xAD, 0xBE, 0xEF], CV=n)
               for n in range(4)]
    save("esp3", [bytes(frame.build()) for frame in frames])


def mbus():
    from meterbus import TelegramShort, TelegramLong, TelegramACK
    frames = [TelegramShort([0x10, 0x40 + n, 0x68, (0x40 + n + 0x68) % 256, 0x16]) for n in range(8)]
    for n in range(1, 16):
        body = [0x08, n, 0x72, 0x78, 0x56, 0x34, 0x12, 0x24, 0x40, 1, 7, 0x55, 0, 0, 0] + [0x01, 0x13, 0x68] * n
        frames.append(TelegramLong([0x68, len(body), len(body), 0x68] + body + [sum(body) % 256, 0x16]))
    frames.append(TelegramACK([0xE5]))
    save("mbus", [bytes(list(frame)) for frame in frames])
    # The same frames: EN 13757-2 takes them from IEC 60870-5-1, and its addresses have one byte.
    save("iec101", [bytes(list(frame)) for frame in frames])


def hdlc():
    import yahdlc
    save("hdlc", [yahdlc.frame_data(bytes([0x7E, 0x7D]) * (n // 2) + bytes([n]), yahdlc.FRAME_DATA, n % 8) for n in range(24)])


def doip():
    from doipclient import messages as m
    from doipclient.client import DoIPClient
    header = lambda payload: DoIPClient._pack_doip(2, payload.payload_type, payload.pack())
    asked = [m.RoutingActivationRequest(0x0E00, 0), m.AliveCheckResponse(0x0E00), m.DoipEntityStatusRequest(), m.DiagnosticPowerModeRequest()]
    asked += [m.DiagnosticMessage(0x0E00, 0x1000, b"\x22\xf1\x90" * n) for n in range(1, 20)]
    answered = [m.RoutingActivationResponse(0x0E00, 0x1000, 0x10), m.AliveCheckRequest(), m.EntityStatusResponse(0, 1, 0, 65536)]
    answered += [m.DiagnosticMessagePositiveAcknowledgement(0x1000, 0x0E00, 0, bytes(n)) for n in range(20)]
    save("doip", [header(message) for message in asked], [header(message) for message in answered])


def someip():
    from someip.header import SOMEIPHeader, SOMEIPMessageType, SOMEIPReturnCode
    def message(n, kind):
        return SOMEIPHeader(0x1234, n, 1, n, 1, message_type=kind, return_code=SOMEIPReturnCode.E_OK, payload=b"\xde\xad\xbe\xef" * n).build()
    save("someip", [message(n, SOMEIPMessageType.REQUEST) for n in range(20)],
         [message(n, SOMEIPMessageType.RESPONSE) for n in range(20)])


def knx():
    from xknx.cemi import CEMIFlags, CEMIFrame, CEMILData, CEMIMessageCode
    from xknx.dpt import DPTArray
    from xknx.knxip import (ConnectionStateRequest, ConnectRequest, ConnectResponse, DisconnectRequest, HPAI, KNXIPFrame, TunnellingAck,
                            TunnellingRequest)
    from xknx.telegram import GroupAddress, IndividualAddress, Telegram
    from xknx.telegram.apci import GroupValueWrite
    here = HPAI("127.0.0.1", 3671)
    def cemi(n):
        telegram = Telegram(GroupAddress(n), payload=GroupValueWrite(DPTArray(tuple(range(n % 14 + 1)))))
        return CEMIFrame(code=CEMIMessageCode.L_DATA_REQ, data=CEMILData.init_from_telegram(telegram, src_addr=IndividualAddress(1))).to_knx()
    asked = [ConnectRequest(control_endpoint=here, data_endpoint=here), ConnectionStateRequest(7, here)]
    asked += [TunnellingRequest(7, n, cemi(n + 1)) for n in range(20)] + [DisconnectRequest(7, here)]
    save("knx", [KNXIPFrame.init_from_body(body).to_knx() for body in asked],
         [KNXIPFrame.init_from_body(TunnellingAck(7, n)).to_knx() for n in range(20)])


def dlms():
    from dlms_cosem.wrappers import WrapperHeader, WrapperProtocolDataUnit
    def unit(n, source, destination):
        data = b"\x00\x01" * n
        return WrapperProtocolDataUnit(data, WrapperHeader(source, destination, len(data))).to_bytes()
    save("dlms", [unit(n, 16, 1) for n in range(1, 21)], [unit(n * 5, 1, 16) for n in range(1, 21)])


def tacacs():
    from tacacs_plus.packet import TACACSHeader, TACACSPacket
    from tacacs_plus.authentication import TACACSAuthenticationContinue, TACACSAuthenticationStart
    frames = []
    for n in range(10):
        for kind, body in ((1, TACACSAuthenticationStart("me" * n, 1)), (1, TACACSAuthenticationContinue("secret" * n))):
            frames.append(bytes(TACACSPacket(TACACSHeader(0xC0, kind, 77, len(body.packed), 2 * n + 1), body.packed, "key")))
    save("tacacs", frames)


def rpki_rtr():
    from scapy.contrib import rtr
    from scapy.compat import raw
    asked = [rtr.RTRResetQuery(rtr_version=1), rtr.RTRSerialQuery(rtr_version=1, session_id=7, serial_number=3), rtr.RTRResetQuery(rtr_version=0)]
    answered = [rtr.RTRCacheResponse(rtr_version=1, session_id=7)]
    answered += [rtr.RTRIPv4Prefix(rtr_version=1, flags=1, shortest_length=24, longest_length=24, prefix=f"198.51.{n}.0", asn=64496 + n)
                 for n in range(10)]
    answered += [rtr.RTRIPv6Prefix(rtr_version=1, flags=1, shortest_length=32, longest_length=48, prefix=f"2001:db8:{n}::", asn=64496 + n)
                 for n in range(10)]
    answered += [rtr.RTREndofDatav1(session_id=7, serial_number=3), rtr.RTRCacheReset(rtr_version=1)]
    save("rpki-rtr", [raw(pdu) for pdu in asked], [raw(pdu) for pdu in answered])


def bitcoin():
    from bitcoin import messages as m
    frames = [m.msg_version(), m.msg_verack(), m.msg_getaddr(), m.msg_mempool()] + [m.msg_ping(nonce=n) for n in range(10)]
    for n in range(10):
        inventory, item = m.msg_inv(), m.CInv()
        item.type, item.hash = 1, bytes(32)
        inventory.inv = [item] * n
        frames.append(inventory)
    save("bitcoin", [frame.to_bytes() for frame in frames])


def cassandra():
    from io import BytesIO
    from cassandra import protocol as p
    from cassandra.segment import SegmentCodec
    messages = [p.OptionsMessage(), p.StartupMessage(cqlversion="3.0.0", options={}), p.RegisterMessage(["SCHEMA_CHANGE"])]
    messages += [p.QueryMessage("select * from t where a = " + "1" * n, 1) for n in range(20)]
    save("cassandra", [p.ProtocolHandler.encode_message(message, n, 4, None, False) for n, message in enumerate(messages)])
    out = BytesIO()
    for n, message in enumerate(messages + [p.QueryMessage("x" * 140_000, 1)]):
        SegmentCodec().encode(out, p.ProtocolHandler.encode_message(message, n, 5, None, False))
    save("cassandra-v5", [out.getvalue()])


def netstring():
    import pynetstring
    save("netstring", [pynetstring.encode(b"5:hello," * n) for n in range(24)])


def protobuf():
    from io import BytesIO
    from google.protobuf import proto, wrappers_pb2
    out = BytesIO()
    for n in range(24):
        proto.serialize_length_prefixed(wrappers_pb2.BytesValue(value=b"\x0a" * n * 20), out)
    save("protobuf", [out.getvalue()])


def iso8583():
    from iso8583sim.core.builder import ISO8583Builder
    from iso8583sim.core.types import ISO8583Message
    from iso8583sim.net.framing import Framing
    texts = [ISO8583Builder().build(ISO8583Message(mti="0800", fields={0: "0800", 7: "0818160244", 11: str(646465 + n), 70: "001"}))
             .encode() for n in range(24)]
    save("iso8583", [Framing("4a").frame(text) for text in texts])
    save("iso8583-binary", [Framing("2b").frame(text) for text in texts])


def mavlink():
    from pymavlink.dialects.v10 import common as v1
    from pymavlink.dialects.v20 import common as v2
    frames = []
    for dialect in (v1, v2):
        one = dialect.MAVLink(None, 1, 1)
        signed = dialect.MAVLink(None, 1, 1)
        if dialect is v2:
            signed.signing.secret_key, signed.signing.sign_outgoing, signed.signing.timestamp = b"k" * 32, True, 1
        for n in range(8):
            for link in (one, signed):
                frames.append(dialect.MAVLink_heartbeat_message(2, 3, 0x51, n, 4, 3).pack(link))
                link.seq = n
                frames.append(dialect.MAVLink_statustext_message(n, b"\xfe\xfd\x03" * (n + 1)).pack(link))
                link.seq = 0xfe - n % 2
    save("mavlink", frames)


def xbee():
    from digi.xbee.models.address import XBee16BitAddress, XBee64BitAddress
    from digi.xbee.packets.common import ATCommPacket, TransmitPacket
    packets = [ATCommPacket(n + 1, "ND", bytearray(b"\x7e\x00\x04" * n)) for n in range(8)]
    packets += [TransmitPacket(n + 1, XBee64BitAddress.from_hex_string("0013A200401100%02X" % n),
                               XBee16BitAddress.from_hex_string("FFFE"), 0, 0, bytearray([0x7e, 0x11, 0x13, 0x7d, n] * n))
                for n in range(18)]
    save("xbee", [bytes(packet.output()) for packet in packets])
    save("xbee-escaped", [bytes(packet.output(escaped=True)) for packet in packets])


def smp():
    from smp.packet import encode
    frames = [b"".join(encode(bytes([2, 0, 0, n, 0, 0, n, 0]) + b"\x06\x09\x04\x14" * (n % 8 * 3))) for n in range(22)]
    save("smp-serial", frames)


def midi():
    from mido import Message
    stream, status = [], None
    for n in range(12):
        notes = [Message("note_on", channel=n % 3, note=60 + n, velocity=n) for _ in range(1 + n % 3)]
        others = [Message("clock"), Message("sysex", data=[0x7e] * n), Message("program_change", program=n)]
        for message in notes + others[:1] + notes + others[1:]:
            data = bytes(message.bytes())
            # mido writes every status; on the wire a repeated one is left out.
            stream.append(data[1:] if data[0] == status and data[0] < 0xf0 else data)
            status = data[0] if data[0] < 0xf0 else status if data[0] >= 0xf8 else None
    save("midi", stream)


def dnp3():
    from dnp3.datalink import builder as b
    frames = [b.build_reset_link_state(1, n, True) for n in range(4)]
    frames += [b.build_confirmed_user_data(1, 0x6405, True, bool(n % 2), b"\x05\x64\x03" * (n * 2) + bytes([n] * (n % 3)))
               for n in range(1, 22)]
    answers = [b.build_reset_link_state(1, 1024, False), b.build_request_link_status(1, 1024, False)]
    answers += [b.build_unconfirmed_user_data(1, 1024, False, b"\x05\x64" * n) for n in range(1, 24)]
    answers += [b.build_unconfirmed_user_data(1, 1024, False, bytes(n)) for n in (1, 15, 16, 17, 32, 33, 240, 241, 250)]
    save("dnp3", [frame.to_bytes() for frame in frames], [frame.to_bytes() for frame in answers])


makers = (mavlink, xbee, smp, midi, hdlc, ubx, nmea, rtcm3, sbp, crsf, modbus_rtu, esp3, mbus, doip, someip, knx, dlms, tacacs, rpki_rtr, bitcoin, cassandra,
          netstring, protobuf, iso8583, dnp3)
for make in makers:
    if sys.argv[2:] and make.__name__ not in sys.argv[2:]:
        continue
    try:
        make()
    except Exception as error:
        print(make.__name__, "failed:", repr(error))
