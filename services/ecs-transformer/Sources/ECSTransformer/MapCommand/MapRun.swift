import EventContract
import Files
import GeoIP
import Glibc
import Lifecycle
import Logging
import OpenSearchBulk

/// One run of `map`: files in, documents and reports out, in the order of the lines.
struct MapRun: ~Copyable {
    private static let outputBytesMax = 1 << 18

    private var mapper: LineMapper
    private var bulk: BulkAction?
    private let sensor: String
    private let outputDescriptor: Int32
    private let errorDescriptor: Int32
    private let readTime: Int64
    private var output: [UInt8] = []
    private var hasRejected = false

    /// - Parameters:
    ///   - bulk: writes action lines before the documents, if it is there.
    ///   - sensor: the name that goes into documents and ids; may be empty.
    ///   - output: descriptor for the documents.
    ///   - errors: descriptor for what is rejected.
    init(settings: MappingSettings, bulk: BulkAction?, sensor: String, output: Int32, errors: Int32) {
        mapper = LineMapper(settings)
        mapper.setSensor(sensor)
        self.bulk = bulk
        self.sensor = sensor
        outputDescriptor = output
        errorDescriptor = errors
        readTime = WallClock.nanoseconds()
        self.output.reserveCapacity(2 * Self.outputBytesMax)
        for case .failed(let error) in mapper.refreshGeoIP() { Self.report("\(error)", to: errorDescriptor) }
    }

    /// Maps the files one after the other; `-` is standard input.
    /// - Returns: the status of the process.
    mutating func map(_ paths: [String], lineBytesMax: Int) -> Int32 {
        var hasFailed = false
        for path in paths {
            let descriptor = path == "-" ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
            do throws(FileError) {
                guard descriptor >= 0 else { throw FileError(path, .read, .refused(errno)) }
                defer { if descriptor != STDIN_FILENO { close(descriptor) } }
                try map(descriptor, named: path, lineBytesMax: lineBytesMax)
            } catch {
                hasFailed = true
                Self.report("\(path): \(error.reason)", to: errorDescriptor)
            }
        }
        do throws(FileError) {
            try flush()
        } catch {
            // The reader has gone, as `head` does when it has enough: that is not worth a report.
            if error.cause != .refused(EPIPE) {
                Self.report("writing failed: \(error.reason)", to: errorDescriptor)
            }
            hasFailed = true
        }
        return hasFailed ? MapCommand.failed : hasRejected ? MapCommand.rejectedSome : MapCommand.succeeded
    }

    private mutating func map(_ descriptor: Int32, named path: String, lineBytesMax: Int) throws(FileError) {
        var lines = LineReader(descriptor: descriptor, path: path, lineBytesMax: lineBytesMax)
        var ids = EventIDSource(sensor: sensor, identity: FileIdentity(high: 0, low: 0))
        var number = 0
        while let line = try lines.next() {
            number += 1
            switch line {
            case .bytes(let bytes):
                if EventLine.isEmpty(bytes) { continue }
                map(bytes, offset: lines.offset, ids: &ids, place: "\(path):\(number)")
            case .oversize(_, let byteCount):
                hasRejected = true
                Self.report("\(path):\(number): longer than \(lineBytesMax) bytes: \(byteCount)", to: errorDescriptor)
            }
            if output.count >= Self.outputBytesMax { try flush() }
        }
    }

    private mutating func map(
        _ line: UnsafeRawBufferPointer, offset: UInt64, ids: inout EventIDSource, place: @autoclosure () -> String
    ) {
        mapper.map(line, readTime: readTime) { part, partOffset, outcome in
            switch outcome {
            case .document(let document):
                if bulk != nil {
                    let id = ids.id(
                        of: part, offset: offset + UInt64(partOffset),
                        time: document.isTimeUsable ? document.time : nil)
                    bulk?.append(id: id, time: document.time, to: &output)
                }
                output.append(contentsOf: document.bytes)
                output.append(0x0A)
            case .rejected(let rejection):
                hasRejected = true
                Self.report("\(place()): \(rejection)", to: errorDescriptor)
            }
        }
    }

    private mutating func flush() throws(FileError) {
        var written = 0
        while written < output.count {
            let count = output.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                return write(outputDescriptor, rest.baseAddress, rest.count)
            }
            if count >= 0 {
                written += count
            } else if errno != EINTR {
                throw FileError("standard output", .write, .refused(errno))
            }
        }
        output.removeAll(keepingCapacity: output.capacity <= 8 * Self.outputBytesMax)
    }

    /// Writes one line of report; what can't be written is lost.
    static func report(_ text: String, to descriptor: Int32) {
        var text = TextEscaping.visible(text) + "\n"
        text.withUTF8 { bytes in _ = write(descriptor, bytes.baseAddress, bytes.count) }
    }
}
