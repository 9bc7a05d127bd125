import EventContract
import GeoIP
import Lifecycle
import Metrics

/// Makes a batch of documents of a raw batch.
final class BatchMapper {
    /// What a raw batch has become.
    struct Result {
        /// The payload of the batch of documents; nil when it has no documents.
        var payload: [UInt8]?
        /// How many documents are in it.
        var documents = 0
        /// What could not be mapped.
        var dead = DeadLetters()
        /// The last line of it that holds Suricata's own counters.
        var statsLine: [UInt8]?
    }

    /// The longest line of counters that is kept, in bytes. Only lines with counters for each thread of a large machine are
    /// longer, and those counters are not shown anywhere.
    private static let statsLineBytesMax = 1 << 20
    private static let statsIndex = LineMapper.typeNames.firstIndex(of: EventType.stats.name)

    private let service: String
    private let metrics: TransformerMetrics
    private var mapper: LineMapper
    private var encoder: DocumentBatchEncoder
    private var sensor: String?

    /// - Parameter service: the name that dead letters give as their origin.
    init(settings: MappingSettings, codec: BatchCodec, service: String, metrics: TransformerMetrics) {
        mapper = LineMapper(settings)
        encoder = DocumentBatchEncoder(codec: codec)
        self.service = service
        self.metrics = metrics
    }

    /// Opens databases of addresses that have appeared or changed.
    /// - Returns: what changed since the last call.
    func refreshGeoIP() -> [GeoIP.Change] { mapper.refreshGeoIP() }

    /// Maps all lines of a batch.
    /// - Parameter entryID: the stream entry that held it, for dead letters.
    func map(_ batch: RawBatch, entryID: String) -> Result {
        let header = batch.header
        if sensor != header.sensor {
            sensor = header.sensor
            mapper.setSensor(header.sensor)
        }
        var ids = EventIDSource(sensor: header.sensor, identity: header.identity)
        var dead = DeadLetters()
        var rawBytes = 0
        var statsLine: [UInt8]?
        batch.forEachLine { line, lineOffset in
            rawBytes += line.count
            mapper.map(line, readTime: header.readTime) { part, partOffset, outcome in
                let offset = lineOffset &+ UInt64(partOffset)
                switch outcome {
                case .document(let document):
                    let id = ids.id(of: part, offset: offset, time: document.isTimeUsable ? document.time : nil)
                    if encoder.append(document: document.bytes, id: id, time: document.time) {
                        metrics.noteEvent(typeIndex: document.typeIndex)
                        if let severity = document.alertSeverity { metrics.noteAlert(severity: severity) }
                        if document.typeIndex == Self.statsIndex, part.count <= Self.statsLineBytesMax {
                            statsLine = Array(part)
                        }
                    } else {
                        let rejection = Rejection(
                            reason: .tooLarge, description: "the documents of one batch pass the limit of its size")
                        dead.append(letter(rejection, part, offset: offset, header: header, entryID: entryID))
                    }
                case .rejected(let rejection):
                    dead.append(letter(rejection, part, offset: offset, header: header, entryID: entryID))
                }
            }
        }
        mapper.releaseMemory()
        metrics.countEvents()
        metrics.rawBytes.add(UInt64(rawBytes))
        metrics.documentBytes.add(UInt64(encoder.bodyBytes))
        let documents = encoder.count
        let payload = encoder.isEmpty ? nil : encoder.finish(from: header)
        return Result(payload: payload, documents: documents, dead: dead, statsLine: statsLine)
    }

    private func letter(
        _ rejection: Rejection, _ bytes: UnsafeRawBufferPointer, offset: UInt64, header: BatchHeader, entryID: String
    ) -> DeadLetter {
        metrics.rejected[rejection.reason]?.add()
        return DeadLetter(
            reason: rejection.description,
            origin: .init(
                service: service, sensor: header.sensor, sourcePath: header.sourcePath, offset: offset,
                entryID: entryID),
            time: WallClock.nanoseconds(), bytes: bytes)
    }
}
