export interface SmtpSettings {
  host: string;
  port: number;
  tls: 'NONE' | 'STARTTLS' | 'TLS';
  user?: string | undefined;
  password?: string | undefined;
  from: { name?: string | undefined; address: string };
  /** The envelope's sender; where bounces go. */
  bounceAddress?: string | undefined;
  /** The longest that a delivery takes, the wait after the final dot included, in ms. */
  timeout: number;
}
