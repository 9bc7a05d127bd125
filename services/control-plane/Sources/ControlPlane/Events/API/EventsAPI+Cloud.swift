import APIDescription
import HTTPServer
import JSON

/// The same questions, put to OpenSearch.
extension EventsAPI {
    static let place = Parameter(
        "in", in: .query, ParameterForm<EventPlace>.choice, default: .box,
        "Where the event is: in the store of this machine, or in OpenSearch.")

    /// Puts a question to OpenSearch; what hinders it becomes an answer.
    func ask<Answer>(_ question: (CloudEvents) throws -> Answer) throws -> Answer {
        guard let cloud else {
            throw Problem(
                .badRequest, "No OpenSearch is set up on this machine (opensearch.endpoint): leave out in:cloud.",
                part: "q"
            ).refusal
        }
        do {
            return try question(cloud)
        } catch let error as OpenSearchQuery.Unanswerable {
            throw Problem(.badRequest, "\(error)", part: "q").refusal
        } catch let error as CloudError {
            throw Problem(.serviceUnavailable, "\(error)").refusal
        }
    }

    func cloudList(_ query: Query, _ window: EventReader.Window, limit: Int) throws -> EventList {
        let page = try ask { cloud in
            try cloud.page(query, before: window.before, after: window.after, limit: limit)
        }
        let rows = try read { reader in
            var rows: [(time: Int64, json: [UInt8])] = []
            page.answer.visit { hit in
                if hit.milliseconds >= page.first { rows.append((hit.timestamp, EventRow(hit, reader: reader).json)) }
            }
            // OpenSearch knows no order within a millisecond.
            return rows.sorted { $1.time < $0.time }.map(\.json)
        }
        return EventList(rows: rows, next: page.next)
    }

    /// nil when OpenSearch does not have the event.
    func cloudPage(_ id: String) throws -> EventPage? {
        let event = try ask { try $0.event(id: id) }
        var page = try read { reader in
            var page: EventPage?
            event.visit { page = EventPage(EventRow($0, reader: reader)) }
            return page
        }
        guard let flow = page?.flowID else { return page }
        let others = try ask { try $0.flow(flow) }
        page?.flow = try read { reader in
            var rows: [[UInt8]] = []
            others.visit { if $0.id != id { rows.append(EventRow($0, reader: reader).json) } }
            return rows
        }
        return page
    }
}
