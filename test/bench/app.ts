/** The one app in all checkouts here: its folder. */
export const app = 'service';
