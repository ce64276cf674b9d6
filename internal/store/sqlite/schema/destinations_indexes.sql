DROP INDEX IF EXISTS andon_outbox_pending;
CREATE INDEX IF NOT EXISTS andon_outbox_queue ON andon_outbox(destination, event) WHERE state = 'pending';
CREATE UNIQUE INDEX IF NOT EXISTS andon_outbox_once ON andon_outbox(destination, event) WHERE destination <> 0;
CREATE INDEX IF NOT EXISTS andon_outbox_batch ON andon_outbox(batch, event) WHERE batch > 0;
CREATE INDEX IF NOT EXISTS andon_subscriptions_place ON andon_subscriptions(destination);
