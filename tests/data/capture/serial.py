#!/usr/bin/env python3
"""Writes streams of serial protocols, made by the protocols' own Python packages, to the folder given.

Every stream has at least 20 frames of mixed lengths. Where the protocol allows, half of the payloads hold its sync bytes.
"""
import pathlib
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


def hdlc():
    import yahdlc
    save("hdlc", [yahdlc.frame_data(bytes([0x7E, 0x7D]) * (n // 2) + bytes([n]), yahdlc.FRAME_DATA, n % 8) for n in range(24)])


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
    from dnp3.datalink.builder import build_confirmed_user_data, build_reset_link_state
    frames = [build_reset_link_state(1, n, True) for n in range(4)]
    frames += [build_confirmed_user_data(1, 0x6405, True, bool(n % 2), b"\x05\x64\x03" * (n * 2) + bytes([n] * (n % 3)))
               for n in range(1, 22)]
    save("dnp3", [frame.to_bytes() for frame in frames])


for make in (mavlink, xbee, smp, midi, dnp3, hdlc, ubx, nmea, rtcm3, sbp, crsf, modbus_rtu, esp3, mbus):
    try:
        make()
    except Exception as error:
        print(make.__name__, "failed:", repr(error))
